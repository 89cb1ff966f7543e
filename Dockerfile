# The image of the application: a Python, the locked packages, the code, and nothing to build with.
#
#   docker build --tag ashlar .
#
# The tag below is exact but can be moved by its publisher. A release names the digest as well:
#   docker build --build-arg PYTHON_IMAGE=python:3.13.16-slim-trixie@sha256:... --tag ashlar .
ARG PYTHON_IMAGE=python:3.13.16-slim-trixie

FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never
COPY requirements/ /opt/requirements/
RUN python -m pip install --quiet --no-deps --require-hashes --target /opt/uv \
    --requirement /opt/requirements/uv.txt
RUN /opt/uv/bin/uv pip sync --quiet --python python3 --require-hashes \
    --target /app/lib /opt/requirements/production.txt \
    && rm -r /app/lib/bin \
    && find /app/lib -type d -name tests -prune -exec rm -r {} + \
    && python -m compileall -q /app/lib
COPY shared_kernel/ /app/shared_kernel/
COPY modules/ /app/modules/
COPY bootstrap/ /app/bootstrap/
COPY migrations/ /app/migrations/
RUN python -m compileall -q shared_kernel modules bootstrap migrations
# Where volumes are mounted: a new one takes over whose the directory is.
RUN mkdir -p /opt/kept/media /opt/kept/imports && chmod 0700 /opt/kept/media /opt/kept/imports

FROM ${PYTHON_IMAGE}
# Nothing is installed after this: an intruder finds no installer either.
RUN python -m pip uninstall --quiet --yes --root-user-action=ignore pip \
    && python -c "import ensurepip, shutil; shutil.rmtree(ensurepip.__path__[0])"
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /opt/kept /var/lib/ashlar
WORKDIR /app
ENV PYTHONPATH=/app:/app/lib \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ENVIRONMENT=production \
    CATALOG_MEDIA_DIR=/var/lib/ashlar/media \
    CATALOG_SPOOL_DIR=/var/lib/ashlar/imports \
    HOME=/tmp
# A number, so that orchestrators can see that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Live, not ready: whoever restarts unhealthy containers must not do so when the database is away.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as http; http.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENTRYPOINT ["python", "-m", "bootstrap.cli"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
