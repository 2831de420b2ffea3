"""What the actions accept."""

from ckan.logic.schema import validator_args
from ckan.types import Schema, Validator, ValidatorFactory

from ckanext.hatinh.harvest.model import OUTCOMES

MAX_RUNS = 100


@validator_args
def run_list(
    ignore_empty: Validator,
    unicode_safe: Validator,
    default: ValidatorFactory,
    limit_to_configured_maximum: ValidatorFactory,
    natural_number_validator: Validator,
) -> Schema:
    """``source`` and ``limit`` of a list of runs."""
    return {
        "source": [ignore_empty, unicode_safe],
        "limit": [
            default(20),
            natural_number_validator,
            limit_to_configured_maximum("ckan.search.rows_max", MAX_RUNS),
        ],
    }


@validator_args
def run_records(
    not_empty: Validator,
    ignore_empty: Validator,
    unicode_safe: Validator,
    one_of: ValidatorFactory,
) -> Schema:
    """``id`` of a run, and the one outcome asked for."""
    return {
        "id": [not_empty, unicode_safe],
        "action": [ignore_empty, one_of(OUTCOMES)],
    }
