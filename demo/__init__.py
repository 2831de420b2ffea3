"""The province in a box: department feeds and an LGSP simulator on loopback.

The tables are real and cite their documents; see ``docs/demo.md``.
"""
