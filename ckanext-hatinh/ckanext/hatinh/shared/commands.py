"""The click group ``ckan hatinh``: siblings attach to it, the portal plugin hands it to CKAN."""

import click

from hatinh.check import check

hatinh = click.Group("hatinh", help="Commands of the Hà Tĩnh data portal.")
hatinh.add_command(check)
