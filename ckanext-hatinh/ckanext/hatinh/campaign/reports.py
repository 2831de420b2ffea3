"""The two reports of a campaign: a unit's on its part, the province's on the snapshot."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ckanext.hatinh.campaign import model, snapshots
from ckanext.hatinh.campaign.campaigns import lines
from ckanext.hatinh.campaign.documents import official
from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.campaign.parts import Place
from ckanext.hatinh.campaign.roles import steward
from ckanext.hatinh.shared.vocabulary import organizations
from hatinh.campaign import province_report, unit_report
from hatinh.report import Report
from hatinh.text import Text


def unit(place: Place) -> Report:
    """What a unit answers, with its three addressees."""
    campaign, part = place.campaign, place.part
    day = (part.steps or campaign.steps)[-1].at.date()
    head = official(part.unit.id, part.unit.name, day)
    evidence = model.evidence(campaign.number, part.unit.id)
    return unit_report(campaign, part, evidence, form(), head)


def province(row: model.InventoryCampaign, told: Mapping[str, Any]) -> Report:
    """The ranking on the snapshot, as it was told, and who was late, with three addressees."""
    day = row.frozen or row.day
    office = organizations().get(steward(), day)
    head = official(steward(), office.name if office else Text(steward()), day, province=True)
    ranking = replace(snapshots.report(row, told), official=head)
    return province_report(row.campaign, ranking, lines(row), form(), row.hash)
