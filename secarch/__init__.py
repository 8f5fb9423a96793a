"""secarch: from public cloud-security documentation to a measured, tuned architect model."""

__version__ = "0.2.0"
