/** Where the daemon is, and how it is asked. */
export interface SidecarOptions {
  /** The daemon's socket. Default: `WIXTOKEN_SOCKET`, or `/run/wixtokend/wixtokend.sock`. */
  socketPath?: string;
  /**
   * Who must own the socket: uids or names of users, or `'any'`. Default: `WIXTOKEN_SOCKET_OWNER`,
   * or root, the own user, and the user `wixtokend` if there is one.
   */
  socketOwner?: number | string | ReadonlyArray<number | string>;
  /** The `name` of an app in the daemon's configuration. Default: its default app. */
  app?: string;
  /** How long a call may take in all, waiting for the socket included. Default: 10000. */
  timeoutMs?: number;
  /** How long a token is used without asking the daemon, 0 or more. Default: until it ends. */
  maxAgeMs?: number;
}

export interface TokenNeeds {
  /** How long the token must be usable. At most half of a token's life. Default: 0. */
  minValidMs?: number;
  /** How long this call may take. */
  timeoutMs?: number;
}

/** The daemon, and the copies that this process keeps. All methods fail with a SidecarError. */
export declare class Sidecar {
  constructor(options?: SidecarOptions);
  /** A usable access token of the instance. */
  token(instanceId: string, needs?: TokenNeeds): Promise<string>;
  /** The token that was got last, if it may still be used. Asks nobody. */
  activeToken(instanceId: string): string | undefined;
  /**
   * Reports that an API refused this token. Gives a newer one, or `undefined` if the token was not
   * got from here. Fails with the code `rejection_hold_off` when it was replaced only just now.
   */
  reject(
    instanceId: string,
    token: string,
    limits?: { timeoutMs?: number },
  ): Promise<string | undefined>;
  /** Follows the instance's token in the background. Call what it returns to end that. */
  watch(instanceId: string): () => void;
  /** Ends all connections. Calls that are under way fail with the code `closed`. */
  close(): void;
}

export interface SidecarStrategyOptions extends SidecarOptions {
  /** The instance: one installation of the app on one site. */
  instanceId: string;
  /** Instead of the options of SidecarOptions. Without: strategies with equal options share one. */
  sidecar?: Sidecar;
  /** How long each token must be usable. */
  minValidMs?: number;
  /** Learn at once of a newer token, or that the instance was removed. Default: false. */
  watch?: boolean;
  /** The app's public key, PEM or base64 of it, for webhooks and service plugins. */
  publicKey?: string;
  /** The app's id, for service plugins. */
  appId?: string;
}

/** Fits the AuthenticationStrategy of `@wix/sdk`. */
export interface SidecarStrategy {
  getAuthHeaders(host?: unknown): Promise<{ headers: { Authorization: string } }>;
  getActiveToken(): string | undefined;
  decodeJWT(
    token: string,
    verifyCallerClaims?: boolean,
  ): Promise<{ decoded: { data: unknown }; valid: boolean }>;
  /** See Sidecar.reject. */
  reject(token: string): Promise<string | undefined>;
  /** Ends the watch, if there is one. */
  close(): void;
}

/** An auth strategy for `createClient` of `@wix/sdk` (1.5.5 or later). */
export declare function sidecarStrategy(options: SidecarStrategyOptions): SidecarStrategy;

/**
 * A fetch for `createClient({ auth, fetch })` of `@wix/sdk` (1.21.12 or later): a call that is
 * answered with 401 is made once more with a newer token, if its body can be sent twice and there
 * is one.
 * @param fetch  What sends the requests. Default: the global fetch.
 */
export declare function fetchWithRetry(
  auth: Pick<SidecarStrategy, 'reject'>,
  fetch?: typeof globalThis.fetch,
): typeof globalThis.fetch;

/** What failed, what the daemon and Wix said, and what to do. */
export declare class SidecarError extends Error {
  readonly name: 'SidecarError';
  /**
   * The daemon's own code (docs/api.md), or `socket_missing`, `not_listening`, `permission_denied`,
   * `not_a_socket`, `wrong_owner`, `timed_out`, `connection_lost`, `malformed_answer`,
   * `other_version`, `closed`.
   */
  readonly code: string;
  /** The status of the daemon's answer. */
  readonly status?: number;
  /** The id of the request in the daemon's log. */
  readonly requestId?: string;
  /** Whether the same call may succeed later without anybody's doing. */
  readonly retryable: boolean;
  /** When, in seconds. */
  readonly retryAfter?: number;
  /** What Wix said, if that is the reason. */
  readonly upstream?: { status: number; code: string; message: string; requestId: string };
}
