"""Access, put together."""

from __future__ import annotations

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from modules.access.adapters import cli, http, sql
from modules.access.adapters.casbin import compile_policy
from modules.access.adapters.files import YamlFormat
from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.adapters.passwords import RandomPassword
from modules.access.adapters.refusals import RefuseAllTheSame
from modules.access.adapters.settings import AccessSettings
from modules.access.adapters.threads import InThread
from modules.access.adapters.upkeep import Upkeep
from modules.access.application.administering.administrators import (
    AppointAdministrator,
    AppointFirstAdministrator,
    KeepAdministrator,
)
from modules.access.application.administering.assignments import (
    AssignmentService,
    DirectAssignments,
    Register,
)
from modules.access.application.administering.closing import WithdrawRolesOfClosedAccount
from modules.access.application.administering.giving import GivingOn
from modules.access.application.administering.grants import (
    DirectGrants,
    GrantService,
    GrantWriter,
    Sharers,
)
from modules.access.application.administering.policies import PolicyService
from modules.access.application.administering.roles import RoleService
from modules.access.application.administering.seeding import SeedRoles
from modules.access.application.administering.sweeping import ForgetWhatIsOver
from modules.access.application.administering.versions import RulebookService, Writing
from modules.access.application.decision.loading import LoadPolicy
from modules.access.application.examining import ExamineRulebook
from modules.access.application.explaining.deciding import DecisionService, Objects, Subjects
from modules.access.application.explaining.delivered import PolicyAsDelivered
from modules.access.application.explaining.reasons import ReasonsOfRefusal
from modules.access.application.explaining.refusals import RecordRefusals
from modules.access.application.explaining.trying import TryRulebook
from modules.access.application.personal_data import RolesOfAccount
from modules.access.application.policy_files import PolicyFiles
from modules.access.application.queries import AccessQueries
from modules.access.application.rulebook.changing import ChangePolicy
from modules.access.application.rulebook.revising import Revise
from modules.access.application.rulebook.rights import OwnRights
from modules.access.application.rulebook.wording import Wording
from modules.access.application.simulation.simulating import SimulateChange
from modules.access.application.simulation.supposing import Suppose
from modules.access.public import (
    READ_ASSIGNMENTS,
    READ_DECISIONS,
    READ_POLICIES,
    READ_ROLES,
    WRITE_ASSIGNMENTS,
    WRITE_POLICIES,
    WRITE_ROLES,
    RoleAssignments,
)
from modules.identity.public import AccountClosed, AccountDirectory, Census
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import AuditWriter, Database, Outbox
from shared_kernel.application import AuditTrail, Authorizer, Clock, PermissionCatalogue, Refusals
from shared_kernel.application.delivered import DeliveredPolicy
from shared_kernel.application.departures import Departures
from shared_kernel.application.resources import ResourceCatalogue
from shared_kernel.module import Module, Needs


class Container(DeclarativeContainer):
    database = Needs(Database)
    outbox = Needs(Outbox)
    audit = Needs(AuditWriter)
    trail = Needs(AuditTrail)
    clock = Needs(Clock)
    signals = Needs(Signals)
    catalogue = Needs(PermissionCatalogue)
    resources = Needs(ResourceCatalogue)
    settings = Needs(AccessSettings)
    accounts = Needs(AccountDirectory)
    census = Needs(Census)

    last_reading = Singleton(sql.LastReading)
    begin = Factory(sql.AccessUnitOfWork, database, outbox, audit, last_reading)
    queries = Singleton(sql.SqlAccessQueries, database, catalogue)
    seed = Factory(SeedRoles, begin=begin.provider, catalogue=catalogue, clock=clock)
    store = Singleton(sql.SqlPolicyStore, database)
    compiling = Singleton(InThread)  # of its own: no simulation shall hold up a change
    load = Factory(
        LoadPolicy,
        store=store,
        compile=compile_policy,
        catalogue=catalogue,
        resources=resources,
        clock=clock,
        aside=compiling,
        default_role=settings.provided.default_role,
    )
    authorizer = Singleton(InMemoryAuthorizer, store=store, load=load, signals=signals, seed=seed)

    delivered = Factory(
        PolicyAsDelivered,
        catalogue=catalogue,
        resources=resources,
        compile=compile_policy,
        clock=clock,
        default_role=settings.provided.default_role,
    )

    subjects = Factory(Subjects, authorizer, accounts, clock)
    decisions = Factory(
        DecisionService,
        authorizer=authorizer,
        current=authorizer,
        subjects=subjects,
        objects=Factory(Objects, resources),
        queries=queries,
    )

    change = Factory(ChangePolicy, begin=begin.provider, policy=authorizer)
    giving = Factory(GivingOn, authorizer)
    rights = Factory(OwnRights, authorizer=authorizer, giving=giving, catalogue=catalogue)
    record_refusals = Factory(
        RecordRefusals,
        audit=trail,
        kept=Singleton(sql.SqlRefusalLog, database),
        policy=authorizer,
        clock=clock,
        reasons=Factory(ReasonsOfRefusal, authorizer),
    )
    refusals = Factory(RefuseAllTheSame, record_refusals)
    forget = Factory(
        ForgetWhatIsOver,
        leftovers=Singleton(sql.SqlLeftovers, database),
        resources=resources,
        clock=clock,
        refusals_last=settings.provided.refusals_last,
    )
    upkeep = Singleton(Upkeep, forget)
    register = Factory(Register, clock=clock, accounts=accounts)
    looking_on = Factory(sql.LookingOn, database, outbox, audit, last_reading)
    departures = Factory(KeepAdministrator, looking_on.provider, register)
    wording = Factory(Wording, catalogue, resources)
    aside = Singleton(InThread)
    simulate = Factory(
        SimulateChange,
        current=authorizer,
        suppose=Factory(
            Suppose,
            current=authorizer,
            begin=begin.provider,
            store=store,
            compiler=load,
            wording=wording,
            aside=aside,
        ),
        census=census,
        resources=resources,
        aside=aside,
        clock=clock,
    )
    revise = Factory(
        Revise,
        begin=begin.provider,
        policy=authorizer,
        rights=rights,
        clock=clock,
        aside=compiling,
    )
    roles = Factory(
        RoleService,
        revise=revise,
        wording=wording,
        clock=clock,
        default_role=settings.provided.default_role,
    )
    policies = Factory(PolicyService, revise=revise, wording=wording, clock=clock)
    rulebooks = Factory(
        RulebookService,
        revise=revise,
        write=Factory(Writing, wording, clock, settings.provided.default_role),
    )
    sharers = Factory(Sharers, wording, authorizer)
    write_grant = Factory(GrantWriter, accounts, clock)
    grants = Factory(
        GrantService,
        change=change,
        sharers=sharers,
        giving=giving,
        write=write_grant,
        queries=queries,
    )
    direct_grants = Factory(DirectGrants, change=change, sharers=sharers, write=write_grant)
    files = Factory(
        PolicyFiles,
        format=Singleton(YamlFormat),
        queries=queries,
        rulebooks=rulebooks,
        wording=wording,
        attempt=Factory(
            TryRulebook,
            wording=wording,
            compile=compile_policy,
            clock=clock,
            default_role=settings.provided.default_role,
        ),
    )
    assignments = Factory(
        AssignmentService, change=change, rights=rights, register=register, accounts=accounts
    )
    direct = Factory(DirectAssignments, change=change, register=register)
    withdraw = Factory(
        WithdrawRolesOfClosedAccount, begin=begin.provider, change=change, register=register
    )
    appoint = Factory(
        AppointAdministrator,
        accounts=accounts,
        assignments=direct,
        new_password=Singleton(RandomPassword),
    )
    personal_data = Singleton(RolesOfAccount, queries)
    examination = Factory(ExamineRulebook, queries, wording)
    first_run = Factory(
        AppointFirstAdministrator,
        appoint=appoint,
        queries=queries,
        email=settings.provided.first_administrator,
    )


module = Module(
    name="access",
    container=Container,
    metadata=sql.metadata,
    settings=AccessSettings,
    routers=http.routers,
    provides={
        AccessQueries: Container.queries,
        Authorizer: Container.authorizer,
        DeliveredPolicy: Container.delivered,
        Departures: Container.departures,
        Refusals: Container.refusals,
        RoleAssignments: Container.direct,
    },
    subscribers={AccountClosed: Container.withdraw},
    permissions=[
        READ_ROLES,
        WRITE_ROLES,
        READ_ASSIGNMENTS,
        WRITE_ASSIGNMENTS,
        READ_POLICIES,
        WRITE_POLICIES,
        READ_DECISIONS,
    ],
    opens=[Container.authorizer, Container.upkeep],
    first_run=Container.first_run,
    personal_data=Container.personal_data,
    examination=Container.examination,
    commands={"user": cli.user, "policy": cli.policy, "access": cli.access},
)
