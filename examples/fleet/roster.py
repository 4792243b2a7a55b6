"""Who works in which team. A team is one process, with its own environment and group."""

from __future__ import annotations

from dataclasses import dataclass

from .worker import Worker
from .workers.coding_assistant import CodingAssistant
from .workers.content_writer import ContentWriter
from .workers.coordinator import Coordinator
from .workers.crm_sync import CrmSync
from .workers.data_pipeline import DataPipeline
from .workers.fraud_watch import FraudWatch
from .workers.invoice_clerk import InvoiceClerk
from .workers.knowledge_curator import KnowledgeCurator
from .workers.lead_qualifier import LeadQualifier
from .workers.release_manager import ReleaseManager
from .workers.research_analyst import ResearchAnalyst
from .workers.support_triage import SupportTriage, SupportTriageEurope
from .workers.web_crawler import WebCrawler


@dataclass(frozen=True)
class Team:
    """One process of the fleet."""

    name: str
    environment: str
    members: tuple[type[Worker], ...]
    # A mortal team's process is killed in the middle of its work and comes back later.
    mortal: bool = False


TEAMS = (
    Team("growth", "production", (Coordinator, LeadQualifier, ResearchAnalyst, ContentWriter, CrmSync)),
    Team("operations", "production", (SupportTriage, SupportTriageEurope, InvoiceClerk, FraudWatch, KnowledgeCurator)),
    Team("engineering", "staging", (CodingAssistant, ReleaseManager, DataPipeline)),
    Team("field", "production", (WebCrawler,), mortal=True),
)

AGENT_IDS = tuple(member.agent_id for team in TEAMS for member in team.members)


def team_named(name: str) -> Team:
    """The team of that name; its absence is a mistake of the caller."""
    return next(team for team in TEAMS if team.name == name)
