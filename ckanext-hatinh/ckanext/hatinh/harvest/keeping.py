"""Fields of a harvested dataset that belong to the portal: what people wrote there stays."""

from dataclasses import fields, replace

import ckan.plugins.toolkit as tk

from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.shared.mapping import from_package
from ckanext.hatinh.shared.vocabulary import dictionary
from harvesters.plan import Policy
from hatinh.dataset import Dataset

KEEPABLE = frozenset(field.name for field in fields(Dataset)) - {"guid", "kind", "resources"}
"""Fields that a source may leave to the portal."""


def with_local_fields(dataset: Dataset, package_id: str, source: HarvestSource) -> Dataset:
    """The dataset with the portal's own values where the source's policy leaves them to it."""
    names = KEEPABLE.intersection(source.local_fields)
    if source.policy != Policy.KEEP_LOCAL or not names:
        return dataset
    package = tk.get_action("package_show")(
        {"ignore_auth": True, "use_cache": False}, {"id": package_id}
    )
    local = from_package(package, dictionary().code_lists["themes"])
    return replace(dataset, **{name: getattr(local, name) for name in names})
