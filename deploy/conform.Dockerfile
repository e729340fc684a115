# docker build -f deploy/conform.Dockerfile -t statechat-conform .
# docker run --rm --network none -v "$PWD:/server:ro" statechat-conform --run 'python3 /server/server.py {port}'
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
# What is packed, with the versions of the lock file and nothing that is for developing only.
RUN mkdir /app \
  && npm pack --silent --pack-destination /tmp \
  && tar -xzf /tmp/statechat-*.tgz -C /app --strip-components=1 \
  && cp package-lock.json /app/
WORKDIR /app
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:22-bookworm-slim
# For servers of a class: another language is another line here.
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production PYTHONDONTWRITEBYTECODE=1
COPY --from=build /app /app
USER node
WORKDIR /tmp
ENTRYPOINT ["node", "/app/dist/src/cli/main.js", "conform"]
