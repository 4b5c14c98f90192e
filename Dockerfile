# The image of the filegate server. `docker build -t filegate .` needs nothing but this folder.

FROM node:24.21.0-bookworm-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /build
# Only these decide what is downloaded, so a change of the code leaves the downloads where they are.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
# The version is pinned in package.json, as "packageManager".
# hadolint ignore=DL3016
RUN npm install --global --no-audit --no-fund "$(node --print 'require("./package.json").packageManager')" \
 && pnpm fetch
COPY . .
# The files that are deleted are read by editors and debuggers only.
RUN pnpm install --frozen-lockfile --offline \
 && pnpm exec tsc -b \
 && pnpm --filter @filegate/server --prod deploy /app \
 && chmod +x /app/dist/main.js \
 && find /app -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

# Neither npm nor a compiler reaches the image that runs.
FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="filegate" \
      org.opencontainers.image.description="One HTTP server in front of every place that keeps files" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --uid 1000 --user-group --create-home --shell /usr/sbin/nologin filegate \
 && install --directory --owner=filegate --group=filegate --mode=0700 /data \
 && install --directory --owner=filegate --group=filegate /files \
 && ln --symbolic /app/dist/main.js /usr/local/bin/filegate
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
COPY docker/health.mjs /app/health.mjs

# Each is a flag of the command line too, which wins over these.
ENV FILEGATE_BIND=0.0.0.0 \
    FILEGATE_PORT=5000 \
    FILEGATE_SERVE_PATH=/files \
    FILEGATE_DATA_DIR=/data
# By number, so that an orchestrator can see that it is not root.
USER 1000:1000
WORKDIR /files
VOLUME ["/files", "/data"]
EXPOSE 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --start-interval=1s CMD ["node", "/app/health.mjs"]
ENTRYPOINT ["filegate"]
