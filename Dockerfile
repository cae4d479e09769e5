# Glyphic as a service: docker build -t glyphic . && docker run --rm -p 8000:8000 glyphic
# Pip works in the first stage only; what runs is Python, the environment and nothing that builds.
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m venv /opt/glyphic \
    && /opt/glyphic/bin/pip install --no-cache-dir '.[serve,chem]' \
    && /opt/glyphic/bin/pip uninstall --yes pip

FROM python:3.12-slim
# RDKit draws through these
RUN apt-get update && apt-get install --yes --no-install-recommends libxrender1 libxext6 libexpat1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --shell /usr/sbin/nologin glyphic
COPY --from=build /opt/glyphic /opt/glyphic
ENV PATH=/opt/glyphic/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER glyphic
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["glyphic", "serve", "--host", "0.0.0.0"]
