# syntax=docker/dockerfile:1
# docker build -t secarch .                                                    CPU: harvest, dedupe, demo
# docker build -t secarch:cuda --build-arg BASE=nvidia/cuda:13.0.1-runtime-ubuntu24.04 .   GPU: train, eval
# docker run --rm -v "$PWD/workspace:/data" secarch demo --workspace /data
ARG BASE=ubuntu:24.04
FROM ${BASE}
ARG BASE

RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates \
    # Triton compiles the loss on the machine at its first use, which needs gcc and Python.h.
    && case "$BASE" in *cuda*) apt-get install -y --no-install-recommends gcc libc6-dev python3-dev;; esac \
    && rm -rf /var/lib/apt/lists/*

RUN python3 -m venv /opt/secarch
ENV PATH=/opt/secarch/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /src
# Dependencies first: they change less often than the code.
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY secarch ./secarch
RUN pip install -c requirements.lock .

RUN useradd --create-home --uid 10001 architect && mkdir /data && chown architect /data
USER architect
WORKDIR /data
VOLUME /data
ENTRYPOINT ["secarch"]
CMD ["--help"]
