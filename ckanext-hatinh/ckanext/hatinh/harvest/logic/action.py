"""The API of the harvest, by what it is about: sources, runs, notices."""

from functools import partial

import schemas
from ckanext.hatinh.harvest import sources
from ckanext.hatinh.harvest.account import harvester
from ckanext.hatinh.harvest.logic.notice import hatinh_notice_list, hatinh_notice_seen
from ckanext.hatinh.harvest.logic.run import (
    hatinh_run_list,
    hatinh_run_problems,
    hatinh_run_records,
    hatinh_run_show,
    hatinh_run_start,
)
from ckanext.hatinh.harvest.logic.source import (
    hatinh_source_create,
    hatinh_source_delete,
    hatinh_source_list,
    hatinh_source_preview,
    hatinh_source_show,
    hatinh_source_test,
    hatinh_source_update,
)
from ckanext.hatinh.harvest.runner import RunResult, run_source
from ckanext.hatinh.shared.vocabulary import vocabulary
from harvesters.http import Client
from harvesters.pipeline import Judge
from harvesters.registry import open_source
from hatinh.quality import load_formula

__all__ = [
    "hatinh_notice_list",
    "hatinh_notice_seen",
    "hatinh_run_list",
    "hatinh_run_problems",
    "hatinh_run_records",
    "hatinh_run_show",
    "hatinh_run_start",
    "hatinh_source_create",
    "hatinh_source_delete",
    "hatinh_source_list",
    "hatinh_source_preview",
    "hatinh_source_show",
    "hatinh_source_test",
    "hatinh_source_update",
]


def run_by_name(name: str) -> RunResult:
    """Run a configured source here and now (for the worker and the command line)."""
    source = sources.get(name)
    judge = Judge(vocabulary(), load_formula(schemas.ROOT / "quality.yaml"))
    return run_source(source, partial(open_source, client=Client()), judge, harvester())
