"""Nothing new gets a name, or an id, that belongs to something else for ever.

CKAN's own validators ask what bears a name now; these ask who has borne it, too.
"""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic import validators as core
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.hatinh.permanent import model
from ckanext.hatinh.shared.mapping import package_id
from ckanext.hatinh.shared.reserved import CHECKED


def package_name_validator(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """The name of a record: free, and never borne by another."""
    core.package_name_validator(key, data, errors, context)
    _check_name(model.RECORD, key, data, errors, context)


def group_name_validator(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """The name of an organisation or a theme: free, and never borne by another."""
    core.group_name_validator(key, data, errors, context)
    _check_name(model.GROUP, key, data, errors, context)


def package_id_does_not_exist(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """The id of a new record: never borne, unless by the same record of the same source."""
    core.package_id_does_not_exist(data[key], context)
    if context.get(CHECKED) or model.owner(model.RECORD, data[key]) is None:
        return
    source, guid = data.get(("harvest_source",)), data.get(("harvest_guid",))
    if not (source and guid and package_id(str(source), str(guid)) == data[key]):
        errors[key].append(_words(model.RECORD, data[key]))


VALIDATORS: dict[str, Any] = {
    "package_name_validator": package_name_validator,
    "group_name_validator": group_name_validator,
    "package_id_does_not_exist": package_id_does_not_exist,
}


def _check_name(
    scope: str,
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    present: Any = context.get("package" if scope == model.RECORD else "group")
    if context.get(CHECKED) or (present and present.name == data[key]):
        return
    owner = model.owner(scope, data[key])
    if owner and owner != (present.id if present else data.get((*key[:-1], "id"))):
        errors[key].append(_words(scope, data[key]))


def _words(scope: str, name: str) -> str:
    found = model.tombstone(name) if scope == model.RECORD else None
    if found is None:
        words = tk._("{name} was the address of something else, and its links still lead there")
    else:
        words = tk._("{name} is the address of something that was withdrawn, and stays so")
    return words.format(name=name)
