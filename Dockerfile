# docker build -t hiveboard --build-arg HIVEBOARD_COMMIT=$(git rev-parse HEAD) .
# docker run -p 127.0.0.1:8000:8000 -v hiveboard:/data hiveboard
#
# The image holds the binary, the few libraries it is linked with, and the certificates of authorities: no shell, no root.
# The one-time link to the board stands in the log: docker logs …

FROM node:20-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM python:3-slim-bookworm AS docs
WORKDIR /build
COPY . .
RUN python scripts/build_docs.py

FROM rust:1-bookworm AS server
WORKDIR /build
COPY . .
COPY --from=web /build/web/dist web/dist
COPY --from=docs /build/docs/site docs/site
# What `hiveboard --version` names: the repository itself is not in here.
ARG HIVEBOARD_COMMIT
RUN HIVEBOARD_COMMIT=$HIVEBOARD_COMMIT cargo build --locked --release -p hiveboard --bin hiveboard
RUN sh scripts/image.sh target/release/hiveboard /image

FROM scratch
COPY --from=server /image /
# A named volume takes over whose it is.
COPY --from=server --chown=65532:65532 /image/data /data
USER 65532:65532
WORKDIR /data
ENV HIVEBOARD_DATA_DIR=/data \
    HIVEBOARD_ADDR=0.0.0.0:8000 \
    HIVEBOARD_OTLP_GRPC_ADDR=0.0.0.0:4317
EXPOSE 8000 4317
VOLUME /data
# The server ends within ten seconds of it.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["/hiveboard", "doctor", "--health"]
ENTRYPOINT ["/hiveboard"]
CMD ["serve"]
