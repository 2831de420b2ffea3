"""While a token is served, its owner is no sysadmin, and in no office but those of the token.

CKAN, its extensions and our plugins all decide by two things who may see and change what: the mark
of a sysadmin, and memberships. Both are read through the ORM, so they are narrowed there, once, and
whatever asks (auth functions, labels of search, the desk of the harvest, an action that somebody
adds tomorrow) gets the narrowed answer. An auth function for each action could be forgotten, and
CKAN does not ask them for sysadmins. Memberships of offices above others reach down as ever, and
those of themes stay: without them a dataset could not be put into its theme.
"""

import sqlalchemy as sa
from ckan import model
from sqlalchemy import event, orm
from sqlalchemy.orm.attributes import set_committed_value

from ckanext.hatinh.access.tokens import narrowed


def narrow() -> None:
    """Take the mark off an owner who was read before the token was known."""
    found = narrowed()
    owner = model.User.get(found.user_id) if found else None
    if owner is not None:
        _unmark(owner)


def _unmark(user: model.User, *_: object) -> None:
    """Not a change of the row: nothing is written when the session is."""
    found = narrowed()
    if found and user.id == found.user_id:
        set_committed_value(user, "sysadmin", False)


def _leave_out(state: orm.ORMExecuteState) -> None:
    found = narrowed()
    if found is None or not state.is_select or state.is_column_load:
        return
    member, offered, group = model.Member, model.PackageMember, model.group_table.c
    offices = sa.select(group.id).where(group.is_organization)
    kept = sa.or_(
        member.table_name != "user",
        member.table_id != found.user_id,
        member.group_id.in_(found.grant.organizations),
        member.group_id.not_in(offices),
    )
    state.statement = state.statement.options(
        orm.with_loader_criteria(member, kept, include_aliases=True),
        orm.with_loader_criteria(offered, offered.user_id != found.user_id, include_aliases=True),
    )


event.listen(model.User, "load", _unmark)
event.listen(model.User, "refresh", _unmark)
event.listen(orm.Session, "do_orm_execute", _leave_out)
