"""Actions about rows."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.rows import aggregate
from ckanext.hatinh.rows.logic import schema
from ckanext.hatinh.rows.tables import open_table
from ckanext.hatinh.shared.parameters import checked

__all__ = ["hatinh_rows_aggregate"]


@tk.side_effect_free
def hatinh_rows_aggregate(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Count, add up or average the rows of a table, by at most two columns.

    :param resource_id: the table
    :param by: columns whose values make the groups, at most two; none makes one group of all rows
    :param measures: list of ``{"column": …, "agg": …}`` with ``agg`` one of ``count``, ``sum``,
        ``avg``, ``min``, ``max``; without a column, ``count`` counts rows. Default: the rows
    :param filters: as for ``datastore_search``
    :param q: words that a row must have, in any column
    :param sort: fields of the answer, such as ``sum_dan_so desc``; default: the groups upwards
    :param limit: groups at most, 100 unless told, 10,000 at most
    :returns: ``fields``, ``records`` and ``more``: whether there are further groups
    """
    asked = checked(data_dict, schema.aggregate())
    tk.check_access("hatinh_rows_aggregate", context, {"resource_id": asked["resource_id"]})
    return aggregate.answer(open_table(context, asked["resource_id"]), asked)
