"""Many packages in one transaction: CKAN's own code, asked fifty times, with few questions to
the database.

``session`` holds back flushes and answers what is known; ``memory`` is what is known of a batch;
``asking`` understands the queries of CKAN's model; ``holding`` keeps activities back; ``navl`` is
CKAN's validation loop; ``shortcuts`` finds quickly that nothing is to be done.
"""
