"""Reports: figures about the catalogue, as pages, files, JSON and on the command line."""
