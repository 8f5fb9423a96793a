FROM node:22-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json ./
ENV NPM_TOKEN=npm_k3V9xQw7LzT2mRb8YhC5dJf1NsP4gUeA6oXi
RUN npm ci --omit=dev
COPY . .
USER node
CMD ["node", "server.js"]
