"""Results of jobs as data frames: ``ResultClient`` reads a store's folder or an export."""

from .client import ResultClient, ResultError

__all__ = ["ResultClient", "ResultError"]
