# One image for web, worker and beat (docker-compose.yml). It holds no secret and no data: those live in the volume /data.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8 TZ=Asia/Shanghai

# Pango draws the certificates, HarfBuzz cuts their fonts to the glyphs used (without it the fall-back is slow and warns),
# gettext compiles the translations. The certificates' own fonts are in the repository; Noto CJK is for previews of documents.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 gettext fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --home-dir /srv/certbody --shell /usr/sbin/nologin certbody \
    && install -d -o certbody -g certbody -m 0700 /data

WORKDIR /srv/certbody
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
# The build needs settings but no body: a home that is thrown away, so that no key made here ends up in the image.
RUN CERTBODY_HOME=/tmp/build STATIC_ROOT=/srv/static python manage.py prepare --only-files \
    && rm -rf /tmp/build \
    && python -m compileall -q certbody applications audits certificates

ENV CERTBODY_HOME=/data STATIC_ROOT=/srv/static
USER certbody
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "certbody.wsgi", "--bind", "0.0.0.0:8000", "--threads", "8", "--timeout", "60", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
