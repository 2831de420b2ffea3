"""Plugin ``hatinh_api``: the document of the API, its page, and ready calls for people."""
