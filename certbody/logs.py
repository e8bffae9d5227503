"""Logging: one JSON line an event; the security log is a file of its own, kept apart from the trail."""

import logging.config
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
            "handlers": {
                "console": {"class": "logging.StreamHandler", "formatter": "json", "level": "WARNING"},
                "application": {
                    "class": "logging.handlers.WatchedFileHandler",
                    "filename": str(home / "logs" / "application.log"),
                    "formatter": "json",
                    "delay": True,
                },
                "security": {
                    "class": "logging.handlers.WatchedFileHandler",
                    "filename": str(home / "logs" / "security.log"),
                    "formatter": "json",
                    "delay": True,
                },
            },
            "root": {"handlers": ["console", "application"], "level": "INFO"},
            "loggers": {
                "security": {"handlers": ["security"], "level": "INFO", "propagate": False},
                "django_structlog": {"level": "WARNING"},
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
