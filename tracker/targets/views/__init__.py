"""Pages of schemes: what counts, what is to be reached and was, until when, and the yearly plan."""

from tracker.targets.views import budgets, deadlines, plan, schemes
from tracker.targets.views.shared import bp

__all__ = ["bp", "budgets", "deadlines", "plan", "schemes"]
