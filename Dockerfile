# syntax=docker/dockerfile:1
# docker build --target cpu -t secarch .         harvest, dedupe, demo, serve before an engine: any machine
# docker build --target cuda -t secarch:cuda .   train, eval: the compiler and headers that Triton needs are in it
# --build-arg PIP_EXTRA_INDEX_URL=... with PyTorch's index of CPU builds spares the cpu image some gigabytes.
# docker run --rm -v "$PWD/workspace:/data" secarch demo --workspace /data
ARG CPU=python:3.12-slim-bookworm
ARG CUDA=nvidia/cuda:13.0.1-runtime-ubuntu24.04

# The names of the dependencies alone: as long as they stay, the layers with torch are taken from the cache,
# whatever else changes in pyproject.toml or in the code.
FROM ${CPU} AS needs
WORKDIR /needs
COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > core.txt

# The wheel, as a release has it.
FROM ${CPU} AS wheel
WORKDIR /src
RUN pip install --no-cache-dir build==1.3.0
COPY pyproject.toml README.md LICENSE ./
COPY configs ./configs
COPY docs ./docs
COPY secarch ./secarch
RUN python -m build --wheel --outdir /wheel

FROM ${CPU} AS cpu-system
# A checkout is read with its commits' dates. The archive keeps no old versions, so that a pinned one would soon not be found.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*

FROM ${CUDA} AS cuda-system
# Triton compiles the loss on the machine at its first use, which needs gcc and Python.h.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates gcc git libc6-dev python3 python3-dev python3-venv \
    && rm -rf /var/lib/apt/lists/*

FROM cpu-system AS cpu
ARG PIP_EXTRA_INDEX_URL=""
ENV PATH=/opt/secarch/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/secarch
COPY requirements.lock /opt/secarch/
COPY --from=needs /needs/core.txt /opt/secarch/
# prometheus-client is the extra serve.
RUN pip install -c /opt/secarch/requirements.lock -r /opt/secarch/core.txt prometheus-client
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel pip install --no-deps /wheel/*.whl
RUN useradd --create-home --uid 10001 architect && install -d -o architect /data
USER 10001
WORKDIR /data
VOLUME /data
# A server answers; any other command has no health but its exit code.
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m --retries=3 CMD ["python3", "-m", "secarch.serve.health"]
ENTRYPOINT ["secarch"]
CMD ["--help"]

FROM cuda-system AS cuda
ENV PATH=/opt/secarch/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/secarch
COPY requirements.lock /opt/secarch/
COPY --from=needs /needs/core.txt /opt/secarch/
# prometheus-client is the extra serve.
RUN pip install -c /opt/secarch/requirements.lock -r /opt/secarch/core.txt prometheus-client
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel pip install --no-deps /wheel/*.whl
RUN useradd --create-home --uid 10001 architect && install -d -o architect /data
USER 10001
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=10m --retries=3 CMD ["python3", "-m", "secarch.serve.health"]
ENTRYPOINT ["secarch"]
CMD ["--help"]
