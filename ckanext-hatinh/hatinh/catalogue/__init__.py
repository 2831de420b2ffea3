"""What machines read of the catalogue: CSVW, Data Package, plain JSON, sitemap, OpenSearch.

Pure: a package dict in, the text or the JSON of a standard out.
"""
