#!/bin/sh
# Copies a renewed certificate to where statechat's unit may read it, and has it read again. No user is disconnected.
# To /etc/letsencrypt/renewal-hooks/deploy/statechat.sh, and chmod 755. Certbot sets RENEWED_LINEAGE.
# Why a copy: the files of Certbot are for root only. docs/tls.md, "Under systemd".
set -eu
to="${STATECHAT_FILES:-/etc/statechat}"
install -m 640 -g statechat-tls "$RENEWED_LINEAGE/privkey.pem" "$to/key.pem"
install -m 644 "$RENEWED_LINEAGE/fullchain.pem" "$to/cert.pem"
systemctl reload statechat
