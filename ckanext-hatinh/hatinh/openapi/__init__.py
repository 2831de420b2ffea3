"""The public reading API as OpenAPI 3.1, the check of its calls, and ready calls for people."""
