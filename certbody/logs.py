"""Logging: one JSON line an event; the security log is a file of its own, kept apart from the trail."""

import contextlib
import logging.config
import logging.handlers
from pathlib import Path
from typing import Any

import structlog

PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


class SteadyFileHandler(logging.handlers.WatchedFileHandler):
    """A log that stops no page: on a full disk its lines are lost until there is room, and whoever writes goes on."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:
            # what an earlier line left in the buffer cannot be written before the file is opened anew
            if self.stream is not None:
                with contextlib.suppress(OSError):
                    self.stream.close()
                self.stream = None  # opened anew at the next line
            self.handleError(record)


def is_said_once(record: logging.LogRecord) -> bool:
    """Whether nobody else writes it: a request that failed is one line, written with its number by `web.errors`."""
    return not (isinstance(record.msg, dict) and record.msg.get("event") == "request_failed")


def configure(settings: dict[str, Any]) -> None:
    home: Path = settings["home"]
    (home / "logs").mkdir(parents=True, exist_ok=True)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
                    "foreign_pre_chain": PROCESSORS,
                }
            },
            "filters": {"once": {"()": lambda: is_said_once}},
            "handlers": {
                "console": {"class": "logging.StreamHandler", "formatter": "json", "level": "WARNING"},
                "application": {
                    "class": "certbody.logs.SteadyFileHandler",
                    "filename": str(home / "logs" / "application.log"),
                    "formatter": "json",
                    "delay": True,
                },
                "security": {
                    "class": "certbody.logs.SteadyFileHandler",
                    "filename": str(home / "logs" / "security.log"),
                    "formatter": "json",
                    "delay": True,
                },
            },
            "root": {"handlers": ["console", "application"], "level": "INFO"},
            "loggers": {
                "security": {"handlers": ["security"], "level": "INFO", "propagate": False},
                "django_structlog": {"level": "WARNING"},
                "django_structlog.middlewares.request": {"filters": ["once"]},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
