# The connector: web, worker and the other commands of `connector`.

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/connector && python -m venv /opt/build
COPY requirements.lock requirements-build.lock ./
RUN /opt/connector/bin/pip install --require-hashes --only-binary :all: -r requirements.lock \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY connector/ connector/
COPY webhooks/ webhooks/
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /tmp/wheel . \
    && /opt/connector/bin/pip install --no-deps --no-index /tmp/wheel/*.whl

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin connector
WORKDIR /app
COPY --from=build /opt/connector /opt/connector
COPY sop_mappings/ sop_mappings/
COPY templates/ templates/
ENV PATH=/opt/connector/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SOP_MAPPINGS_DIR=/app/sop_mappings \
    SOP_TEMPLATES_DIR=/app/templates
USER 10001
EXPOSE 8000
ENTRYPOINT ["connector"]
CMD ["web", "--host", "0.0.0.0", "--port", "8000"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
