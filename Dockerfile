# Fitout's image: the program, a CA bundle, and nothing else.
#
# The build context is not this folder but one that `image/build` lays out, with fixed owners, modes and times: the same
# program gives the same layers.
FROM scratch

LABEL org.opencontainers.image.title="fitout" \
      org.opencontainers.image.description="Makes ready what an application needs before it starts: one static, shell-free binary" \
      org.opencontainers.image.licenses="Apache-2.0 OR MIT"
ARG VERSION=unknown
LABEL org.opencontainers.image.version="$VERSION"
ARG REVISION=unknown
LABEL org.opencontainers.image.revision="$REVISION"

COPY root/ /

# What most programs and libraries look for, and Fitout too when it fetches over TLS.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt

# Numeric, so that `runAsNonRoot` can be checked without a passwd file. Plans that change owners run as another user.
USER 65532:65532
ENTRYPOINT ["/fitout"]
