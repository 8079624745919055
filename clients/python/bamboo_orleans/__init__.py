"""The Engine API of a BambooOrleans server."""

from . import api, errors
from .result import EngineAPIResult
from .runtime import BambooOrleansRuntime

__all__ = ["BambooOrleansRuntime", "EngineAPIResult", "api", "errors"]
