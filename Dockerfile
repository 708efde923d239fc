# The server and the worker, with the local engine: docker build -t interplay .
#
#   docker run -p 8790:8790 -v interplay:/var/lib/interplay interplay
#   docker run -v interplay:/var/lib/interplay interplay models pull
#
# Runs with a read-only root file system; it writes to its volume, and to /tmp. docs/deploy.md says more.

ARG PYTHON=3.13.9-slim-trixie

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/interplay
COPY requirements.txt /tmp/
# The lock is complete and has a hash for everything: nothing is resolved, and nothing is built from source.
RUN /opt/interplay/bin/pip install --no-deps --require-hashes --only-binary :all: --requirement /tmp/requirements.txt
COPY src/interplay /tmp/source/interplay
# As a package of the environment without a build backend, which would come without a hash.
RUN packages="$(/opt/interplay/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && mv /tmp/source/interplay "$packages/" \
    && printf '#!/bin/sh\nexec /opt/interplay/bin/python -m interplay "$@"\n' > /opt/interplay/bin/interplay \
    && chmod 755 /opt/interplay/bin/interplay \
    && /opt/interplay/bin/python -m compileall -q "$packages/interplay"

FROM python:${PYTHON}
ENV PATH=/opt/interplay/bin:$PATH \
    HOME=/var/lib/interplay \
    XDG_DATA_HOME=/var/lib \
    PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# The local engine's OpenMP. Debian keeps one version of a package, so none can be named.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 interplay \
    && useradd --uid 10001 --gid interplay --no-create-home --home-dir /var/lib/interplay --shell /usr/sbin/nologin interplay \
    && install -d -o interplay -g interplay -m 700 /var/lib/interplay /var/lib/interplay/data /var/lib/interplay/models
COPY LICENSE /usr/share/doc/interplay/
COPY --from=build /opt/interplay /opt/interplay
USER 10001:10001
WORKDIR /var/lib/interplay
VOLUME /var/lib/interplay
EXPOSE 8790
# A worker has its health on the same port here: worker --host 0.0.0.0 --port 8790.
HEALTHCHECK --interval=5s --timeout=5s --start-period=5m --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8790/healthz', timeout=4)"]
ENTRYPOINT ["interplay"]
CMD ["serve", "--host", "0.0.0.0"]
