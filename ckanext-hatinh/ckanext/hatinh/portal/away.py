"""What a page says while a service that it needs is away: 503, and when to come again.

Programs that call the API are told by CKAN's own words for it.
"""

import logging
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SearchQueryError, SolrConnectionError
from ckan.types import Context, DataDict, Response
from flask import has_request_context, request
from pysolr import SolrError
from werkzeug.exceptions import ServiceUnavailable

log = logging.getLogger(__name__)

__all__ = ["package_search"]

PAUSE = 60
"""Seconds after which a browser or a crawler may come again."""


@tk.chained_action
@tk.side_effect_free
def package_search(
    next_action: Callable[[Context, DataDict], dict[str, Any]],
    context: Context,
    data_dict: DataDict,
) -> dict[str, Any]:
    """CKAN's search; a page that needs it and finds it away says so, and is kept by no cache."""
    try:
        return next_action(context, data_dict)
    except (SearchError, SolrConnectionError) as err:
        if not has_request_context() or request.blueprint == "api" or not _is_away(err):
            raise
        log.warning("The search index is away: %s", err)
        request.environ["__no_cache__"] = True
        raise ServiceUnavailable(tk._("Search is away for the moment")) from err


def be_patient(response: Response) -> Response:
    """Say when to come again."""
    if response.status_code == ServiceUnavailable.code:
        response.headers.setdefault("Retry-After", str(PAUSE))
    return response


def _is_away(err: SearchError | SolrConnectionError) -> bool:
    """Whether it is Solr that fails, rather than the question that is wrong."""
    if isinstance(err, SolrConnectionError):
        return True
    said = err.__context__
    refused = isinstance(said, SolrError) and "HTTP 400" in str(said)
    return isinstance(said, SolrError) and not refused and not isinstance(err, SearchQueryError)
