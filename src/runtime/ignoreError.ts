/** A listener for an error whose consequence is noticed elsewhere. Without a listener Node and XState throw it again. */
export function ignoreError(): void {}
