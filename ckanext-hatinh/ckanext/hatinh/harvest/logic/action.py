"""The API of the harvest, by what it is about: sources, runs, notices."""

from ckanext.hatinh.harvest.logic.notice import hatinh_notice_list, hatinh_notice_seen
from ckanext.hatinh.harvest.logic.run import (
    hatinh_run_approve,
    hatinh_run_cancel,
    hatinh_run_list,
    hatinh_run_problems,
    hatinh_run_records,
    hatinh_run_rollback,
    hatinh_run_show,
    hatinh_run_start,
)
from ckanext.hatinh.harvest.logic.source import (
    hatinh_source_create,
    hatinh_source_delete,
    hatinh_source_list,
    hatinh_source_mapping,
    hatinh_source_preview,
    hatinh_source_show,
    hatinh_source_test,
    hatinh_source_update,
)

__all__ = [
    "hatinh_notice_list",
    "hatinh_notice_seen",
    "hatinh_run_approve",
    "hatinh_run_cancel",
    "hatinh_run_list",
    "hatinh_run_problems",
    "hatinh_run_records",
    "hatinh_run_rollback",
    "hatinh_run_show",
    "hatinh_run_start",
    "hatinh_source_create",
    "hatinh_source_delete",
    "hatinh_source_list",
    "hatinh_source_mapping",
    "hatinh_source_preview",
    "hatinh_source_show",
    "hatinh_source_test",
    "hatinh_source_update",
]
