"""The portal on one machine: prepares, starts, watches and stops its processes.

Only the standard library is used here, because this package runs before anything is installed.
Three modules are the exception and run inside the virtual environment: `ckan_setup`, `wsgi` and
`gunicorn_conf`. Start reading at `launch.py`, which lists the steps of a start in their order.
"""
