"""Distribution of the Hà Tĩnh data portal: one wheel with several import roots.

The top-level folders are fixed by the customer, so three roots are mapped here by hand:
``ckanext-hatinh`` (``hatinh`` and ``ckanext.hatinh``), ``harvesters`` and ``schemas``.
"""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages("ckanext-hatinh"),
        "harvesters",
        *(f"harvesters.{name}" for name in find_packages("harvesters")),
        "schemas",
    ],
    package_dir={"": "ckanext-hatinh", "harvesters": "harvesters", "schemas": "schemas"},
    # CKAN's own wheel installs a fixed-path `ckanext` module; without this line an editable
    # install of a second distribution below `ckanext` is not found.
    namespace_packages=["ckanext"],
)
