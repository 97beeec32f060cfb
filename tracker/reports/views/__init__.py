"""Pages of reports: freezing one after a look at its figures, its files, and whether it still holds."""

from tracker.reports.views import indicators, life, reports, sheets, texts, verification
from tracker.reports.views.shared import bp

__all__ = ["bp", "indicators", "life", "reports", "sheets", "texts", "verification"]
