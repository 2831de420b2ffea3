"""RDF of strangers: read in a process of its own with little memory and time.

    dcat source ──▶ process.RdfReader ══ pipe ══▶ child ──▶ graph ──▶ catalogue (drafts)

The parsers are fast and strict, but no parser is trusted: what it eats ends with the child.
"""
