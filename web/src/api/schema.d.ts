// Generated from openapi.json by `npm run generate`.
export interface paths {
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process is alive. */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answers assistants by the Model Context Protocol: one JSON-RPC message, one answer, no session.
         * @description What it offers only reads: the tools are listed by `tools/list`. A message that the protocol does not know is refused as the protocol says;
         *     all else that is wrong with a request, as everywhere here.
         */
        post: operations["post_mcp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The server about itself, as Prometheus text. Without a key on the server's own machine alone: not from elsewhere, not through a proxy, and
         *     not where `public_url` says that there is one.
         */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/otlp/v1/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes log records, by which coding agents tell of their work.
         * @description The same as `/v1/logs`.
         */
        post: operations["post_otlp_v1_logs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/otlp/v1/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes metrics, as a sign of life of who sends them.
         * @description The same as `/v1/metrics`.
         */
        post: operations["post_otlp_v1_metrics"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/otlp/v1/traces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes spans: agents, tasks, actions and model calls. Answers as the protocol says; spans that cannot be read are counted in `partialSuccess`.
         * @description The same as `/v1/traces`.
         */
        post: operations["post_otlp_v1_traces"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stored events are replayed and the writer takes more. */
        get: operations["get_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes one's own password. All other sessions of one's own end. */
        put: operations["put_v1_account_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Agents, those first that ask for attention. */
        get: operations["get_v1_agents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One agent with its last day. */
        get: operations["get_v1_agents_agent_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}/pipeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for one agent, and what it worries about. */
        get: operations["get_v1_agents_agent_id_pipeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}/states": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The states of an agent, the oldest first, and what they come to; of the last 24 hours when no time is given. The newest 400 changes are kept. */
        get: operations["get_v1_agents_agent_id_states"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts that fire or fired, the newest first. */
        get: operations["get_v1_alerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Channels of the workspace, oldest first, never their secrets. */
        get: operations["get_v1_alerts_channels"];
        put?: never;
        /** Makes a channel. A secret that is made for it is in this answer and nowhere else. */
        post: operations["post_v1_alerts_channels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/channels/{channel_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One channel. */
        get: operations["get_v1_alerts_channels_channel_id"];
        /** Changes a channel. What its `config` leaves out stays, secrets too, unless it becomes another type. */
        put: operations["put_v1_alerts_channels_channel_id"];
        post?: never;
        /** Deletes a channel, with what waits for it. Rules that name it go on without it. */
        delete: operations["delete_v1_alerts_channels_channel_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/channels/{channel_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a test by the channel, now and once, and says what it came to. */
        post: operations["post_v1_alerts_channels_channel_id_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was delivered, waits, or was given up; the newest first. */
        get: operations["get_v1_alerts_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alerts that fire or fired, the newest first.
         * @description The same as `/v1/alerts`.
         */
        get: operations["get_v1_alerts_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rules, oldest first. */
        get: operations["get_v1_alerts_rules"];
        put?: never;
        /** Makes a rule; it is judged at once. */
        post: operations["post_v1_alerts_rules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/rules/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a rule would have found in the stored events of the last seven days. Nothing is kept of it. */
        post: operations["post_v1_alerts_rules_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/rules/{rule_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One rule. */
        get: operations["get_v1_alerts_rules_rule_id"];
        /** Puts another rule in its place. What is open of it stays open while it still holds. */
        put: operations["put_v1_alerts_rules_rule_id"];
        post?: never;
        /** Deletes a rule; what is open of it is closed. */
        delete: operations["delete_v1_alerts_rules_rule_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/rules/{rule_id}/mute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets no channel hear of the rule for a while. The board goes on showing what it finds. */
        post: operations["post_v1_alerts_rules_rule_id_mute"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/rules/{rule_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a test by each channel of the rule, now and once. */
        post: operations["post_v1_alerts_rules_rule_id_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/{alert_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One alert. */
        get: operations["get_v1_alerts_alert_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/{alert_id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that somebody looks after it; the first to say so stays. It goes on firing until it is over. */
        post: operations["post_v1_alerts_alert_id_acknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/{alert_id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets deliveries of the alert that were given up be tried again, under their ids. */
        post: operations["post_v1_alerts_alert_id_resend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys, never their secrets: of the whole workspace for people, itself alone for a key. */
        get: operations["get_v1_api_keys"];
        put?: never;
        /** Makes a key. The secret is in this answer and nowhere else. People make keys; a key cannot. */
        post: operations["post_v1_api_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a key; it stops within a second. A key may revoke itself alone. */
        delete: operations["delete_v1_api_keys_key_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{key_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a key like another one, which goes on for a while: time to bring the new one to where the old one is used. */
        post: operations["post_v1_api_keys_key_id_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of the workspace, newest first, kept for a year. */
        get: operations["get_v1_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cost": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What model calls cost: totals, and groups with the dearest first. The last 24 hours when no time is given. */
        get: operations["get_v1_cost"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cost/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Model calls. */
        get: operations["get_v1_cost_calls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cost/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a model call costs what it does: each kind of tokens times its price, and which row of the table matched. Costs are worked out when
         *     a call arrives and stay; the explanation is by the table of now.
         */
        get: operations["get_v1_cost_explain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cost/timeseries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Cost over time, in buckets aligned to UTC; buckets of a day begin at midnight in `timezone`. */
        get: operations["get_v1_cost_timeseries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Failures grouped by exception and place, of the last 24 hours when no time is given. An exception that climbs counts once, where it was raised. */
        get: operations["get_v1_errors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/errors/{error_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of them, whenever it happened: all that is known of it, and the trend of the time asked for (the last 24 hours when none is given). */
        get: operations["get_v1_errors_error_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events, newest first by `seq`; with `after_seq`, what came after it, oldest first. */
        get: operations["get_v1_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that the filters let through, oldest first, in one answer that ends with the last row. What cannot be read from the start on is
         *     an error; where something fails on the way the connection breaks, so that a part is never taken for the whole.
         */
        get: operations["get_v1_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a batch of one agent's events: 200 when all were accepted, 207 when some were rejected. What is accepted is durable and
         *     visible when the answer comes; sending a batch again changes nothing.
         */
        post: operations["post_v1_ingest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/insights": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Insights of a stretch of time: the last 24 hours when none is given. The window begins at a full hour (a full day, where it begins more than
         *     three days ago), and is compared with the period before it.
         */
        get: operations["get_v1_insights"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Invitations that may still be accepted, newest first. */
        get: operations["get_v1_invitations"];
        put?: never;
        /** Invites someone. The link is in this answer and nowhere else; an earlier invitation of the same address stops working. */
        post: operations["post_v1_invitations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accepts an invitation and enters. */
        post: operations["post_v1_invitations_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/open": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What an invitation is for, before it is accepted. */
        post: operations["post_v1_invitations_open"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/{invitation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes an invitation back. */
        delete: operations["delete_v1_invitations_invitation_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/llm-calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Model calls, under the name that tracing tools use. */
        get: operations["get_v1_llm_calls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the door of the board asks for, for its page. */
        get: operations["get_v1_login"];
        put?: never;
        /** Enters with e-mail address and password. Tries are slowed per account and per address, and nobody is locked out for ever. */
        post: operations["post_v1_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session of this browser. */
        post: operations["post_v1_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes log records, by which coding agents tell of their work. */
        post: operations["post_v1_logs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members of the workspace, by e-mail address. */
        get: operations["get_v1_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members/{person_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Gives a member another role. Only owners make or change owners, and one owner stays. */
        put: operations["put_v1_members_person_id"];
        post?: never;
        /** Removes a member; the member's sessions in this workspace end at once. */
        delete: operations["delete_v1_members_person_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures of a stretch of time: the last hour when none is given. */
        get: operations["get_v1_metrics"];
        put?: never;
        /** Takes metrics, as a sign of life of who sends them. */
        post: operations["post_v1_metrics"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets a new password by the link of a reset. All sessions of the person end. */
        post: operations["post_v1_password_reset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password-reset/mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mails a link for a new password, which works once, within an hour. The answer is the same whether or not there is such an account. */
        post: operations["post_v1_password_reset_mail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pipeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The pipelines of all agents, by agent. */
        get: operations["get_v1_pipeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The price table: the workspace's own rows first, then those that come with the server. */
        get: operations["get_v1_prices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/prices/{pattern}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets a price of the workspace's own for models that match a pattern. It holds for calls that arrive from now on. */
        put: operations["put_v1_prices_pattern"];
        post?: never;
        /** Removes a price of the workspace's own; the table that comes with the server holds again. */
        delete: operations["delete_v1_prices_pattern"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pricing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The price table: the workspace's own rows first, then those that come with the server.
         * @description The same as `/v1/prices`.
         */
        get: operations["get_v1_pricing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pricing/{pattern}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Sets a price of the workspace's own for models that match a pattern. It holds for calls that arrive from now on.
         * @description The same as `/v1/prices/{pattern}`.
         */
        put: operations["put_v1_pricing_pattern"];
        post?: never;
        /**
         * Removes a price of the workspace's own; the table that comes with the server holds again.
         * @description The same as `/v1/prices/{pattern}`.
         */
        delete: operations["delete_v1_pricing_pattern"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Projects with their figures, by id. */
        get: operations["get_v1_projects"];
        put?: never;
        /** Makes a project. */
        post: operations["post_v1_projects"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One project. */
        get: operations["get_v1_projects_project_id"];
        /** Renames, describes or archives a project. Its id stays: events name it. */
        put: operations["put_v1_projects_project_id"];
        post?: never;
        /** Removes a project. Its events stay, and count for another project from then on: `default`, or the one that `into` names. */
        delete: operations["delete_v1_projects_project_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{project_id}/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Agents of a project, by id: those that work in it, and those that people put there. */
        get: operations["get_v1_projects_project_id_agents"];
        put?: never;
        /** Puts an agent into a project, whatever its events say. */
        post: operations["post_v1_projects_project_id_agents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{project_id}/agents/{agent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes an agent that people put there out of a project. One whose events name the project belongs to it: events are never rewritten. */
        delete: operations["delete_v1_projects_project_id_agents_agent_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{project_id}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts a project away: it leaves the board's choices, and its events stay and go on coming. */
        post: operations["post_v1_projects_project_id_archive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{project_id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Merges a project into another: its events, old and new ones, count for that one in all lists and figures. Events are never rewritten. */
        post: operations["post_v1_projects_project_id_merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{project_id}/unarchive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a project back from the archive. */
        post: operations["post_v1_projects_project_id_unarchive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is looking, and where agents report to. */
        get: operations["get_v1_session"];
        /** Turns this session to another workspace of one's own. */
        put: operations["put_v1_session"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sessions of the workspace, last used first: one's own; admins and owners see everybody's. */
        get: operations["get_v1_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends a session: one's own, or any of the workspace for admins and owners. It stops within a second, its streams too. */
        delete: operations["delete_v1_sessions_session_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the first owner, who enters at once: with the token of the link that the server prints, or from the board that this link opened. */
        post: operations["post_v1_setup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/states": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who was stuck, when, and for how long: stretches of all agents, the latest to begin first; of the last 24 hours when no time is given. */
        get: operations["get_v1_states"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The room that the caller's events take, by mode and day, and when retention frees it. */
        get: operations["get_v1_storage"];
        /** Sets how long the events of the workspace's data mode (`mode`) are kept. What is over goes within a minute, and there is no way back. */
        put: operations["put_v1_storage"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Opens the stream (WebSocket): subscribe, resume by `since_seq`, live frames. */
        get: operations["get_v1_stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs of tasks. */
        get: operations["get_v1_tasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{task_id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The story of one run: its figures, events in order, actions as a tree, plan, failures with what led to them, where the time went. */
        get: operations["get_v1_tasks_task_id_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/traces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes spans: agents, tasks, actions and model calls. Answers as the protocol says; spans that cannot be read are counted in `partialSuccess`. */
        post: operations["post_v1_traces"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The workspace's views, by name. */
        get: operations["get_v1_views"];
        /** Keeps a view under a name, in place of one of the same name. */
        put: operations["put_v1_views"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/views/{view_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forgets a view. */
        delete: operations["delete_v1_views_view_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workspaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The workspaces that the caller is in. */
        get: operations["get_v1_workspaces"];
        put?: never;
        /** Makes a workspace, which its maker owns. */
        post: operations["post_v1_workspaces"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workspaces/{workspace_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Renames the workspace that one looks at, or makes it strict about projects. */
        put: operations["put_v1_workspaces_workspace_id"];
        post?: never;
        /**
         * Deletes a workspace that the caller owns, with its keys, members, rules and events. Nobody sees it from then on, and there is no way back but a
         *     backup; the disk is given back within a minute, by the events of today within a day.
         */
        delete: operations["delete_v1_workspaces_workspace_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AcceptedInvitation: {
            /** @description For people; not needed where the address has an account already. */
            name?: string | null;
            /** @description A new one, 10 to 199 characters; that of the account where the address has one. */
            password: string;
            /** @description From the link. */
            token: string;
        };
        ActionNode: {
            action_id: string;
            children: components["schemas"]["ActionNode"][];
            /**
             * Format: double
             * @description Of the end event; else the time between start and end; `null` while unfinished.
             */
            duration_ms?: number | null;
            /** Format: date-time */
            ended_at?: string | null;
            exception_message?: string | null;
            exception_type?: string | null;
            name?: string | null;
            /**
             * Format: date-time
             * @description Of the start; worked out from the end when only that is known.
             */
            started_at?: string | null;
            status: components["schemas"]["ActionStatus"];
        };
        /** @enum {string} */
        ActionStatus: "running" | "completed" | "failed" | "unfinished";
        /** @description Who did something. */
        ActorView: {
            id?: string | null;
            /** @description person, key, local (whoever opened the board by its link before it had an owner) or command line */
            kind: string;
            name: string;
        };
        AgentDetailView: components["schemas"]["AgentView"] & {
            instances: components["schemas"]["InstanceView"][];
            /** @description Newest first, at most 20. */
            recent_heartbeats: components["schemas"]["HeartbeatView"][];
            stats_24h: components["schemas"]["AgentStatsDay"];
            /** @description The last 24 hours by the hour, oldest first; the first hour is there in part, so that all add up to `stats_24h`. */
            timeseries: components["schemas"]["SeriesPoint"][];
            /** @description Newest first. */
            versions: components["schemas"]["VersionView"][];
        };
        /** @description The states of one agent. */
        AgentStateView: {
            agent_id: string;
            /**
             * Format: date-time
             * @description Before this nothing is known.
             */
            known_since: string;
            /** @description The oldest first. */
            states: components["schemas"]["StateSpanView"][];
            totals: components["schemas"]["StateTotal"][];
            /**
             * Format: double
             * @description Of the time in which it was expected to be alive, the share in which it was, 0 to 1; `null` where there was none.
             */
            uptime?: number | null;
        };
        /** @description What an agent did in the last 24 hours. */
        AgentStatsDay: components["schemas"]["AgentStatsHour"] & {
            /** Format: double */
            actions_per_task?: number | null;
            /**
             * Format: double
             * @description Runs with an error in them, of those that ended.
             */
            error_rate?: number | null;
            /**
             * Format: double
             * @description Runs that were escalated, of those that ended.
             */
            escalation_rate?: number | null;
            /**
             * Format: double
             * @description Runs that completed in spite of errors, of those with errors.
             */
            recovery_rate?: number | null;
        };
        /** @description What an agent did in the last hour. */
        AgentStatsHour: components["schemas"]["DurationFigures"] & {
            /** Format: int64 */
            active_issues: number;
            /** Format: int64 */
            error_count: number;
            /** Format: double */
            estimated_cost?: number | null;
            /** Format: int64 */
            llm_call_count: number;
            /**
             * Format: int64
             * @description Of the latest snapshot.
             */
            queue_depth?: number | null;
            /** Format: double */
            success_rate?: number | null;
            /** Format: int64 */
            tasks_completed: number;
            /** Format: int64 */
            tasks_failed: number;
            /**
             * Format: int64
             * @description Runs ended.
             */
            throughput: number;
            /** Format: double */
            total_cost?: number | null;
            /**
             * Format: int64
             * @description `null` where none were reported.
             */
            total_tokens_in?: number | null;
            /** Format: int64 */
            total_tokens_out?: number | null;
            /** @description The most pressing severity among them; `null` without any. */
            worst_issue?: string | null;
        };
        /**
         * @description State of an agent. Ordered by how much it asks for attention, the most first.
         * @enum {string}
         */
        AgentStatus: "stuck" | "error" | "waiting_approval" | "processing" | "idle";
        AgentView: {
            agent_id: string;
            agent_type: string;
            agent_version?: string | null;
            /**
             * Format: int64
             * @description How far its clock is off: arrival minus timestamp, the median of the latest arrivals; negative when it is ahead, `null` while small.
             */
            clock_skew_ms?: number | null;
            current_project_id?: string | null;
            current_task_id?: string | null;
            current_task_run_id?: string | null;
            derived_status: components["schemas"]["AgentStatus"];
            environment: string;
            /**
             * Format: date-time
             * @description Arrival of the first event, by the server's clock.
             */
            first_seen: string;
            framework: string;
            group: string;
            /** Format: double */
            heartbeat_age_seconds?: number | null;
            /** Format: double */
            heartbeat_interval_seconds?: number | null;
            heartbeat_summary?: string | null;
            is_stuck: boolean;
            /**
             * Format: date-time
             * @description Arrival of the latest heartbeat, by the server's clock.
             */
            last_heartbeat?: string | null;
            /**
             * Format: date-time
             * @description Arrival of the latest event, by the server's clock.
             */
            last_seen: string;
            liveness: components["schemas"]["Liveness"];
            projects: string[];
            runtime?: string | null;
            sdk_version?: string | null;
            /** @description Events in twelve five-minute slots, heartbeats included, oldest first. */
            sparkline_1h: number[];
            stats_1h: components["schemas"]["AgentStatsHour"];
            /**
             * Format: date-time
             * @description By the server's clock.
             */
            status_since: string;
            /** Format: double */
            stuck_threshold_seconds: number;
        };
        /** @description By what lists find an alert: what it is about, else what its rule is narrowed to, else (where a failed run is what it tells of) that run. */
        AlertLabels: {
            /** @default null */
            agent_id: string | null;
            /** @default null */
            environment: string | null;
            /** @default null */
            group: string | null;
            /** @default null */
            project_id: string | null;
            /** @default null */
            task_id: string | null;
        };
        /** @description A page of alerts, and how many there are on all pages. */
        AlertPage: components["schemas"]["Page_AlertView"] & {
            /**
             * Format: int64
             * @description How many alerts fit the filters, whatever the page.
             */
            total: number;
        };
        /** @enum {string} */
        AlertSeverity: "warning" | "critical";
        /** @enum {string} */
        AlertState: "firing" | "resolved";
        /** @description One thing a rule found, and what became of it. */
        AlertView: components["schemas"]["FoundAlert"] & {
            /** Format: date-time */
            acknowledged_at?: string | null;
            acknowledged_by?: string | null;
            deliveries: components["schemas"]["DeliveryView"][];
            told?: components["schemas"]["AlertWords"] | null;
        };
        /** @description What an alert says: when it fired, or by now. */
        AlertWords: {
            evidence: Record<string, never>;
            summary: string;
            /** Format: double */
            value: number;
        };
        /**
         * @description What was taken off a model's name before a row matched.
         * @enum {string}
         */
        Anchor: "exact" | "without_provider" | "without_date" | "without_provider_and_date";
        AuditView: {
            /** @description Noun and verb, like `key.created`. */
            action: string;
            actor: components["schemas"]["ActorView"];
            /** @description Where it came from; `null` for the command line. */
            address?: string | null;
            /** @description As it is now; never a secret. */
            after?: Record<string, never> | null;
            /** Format: date-time */
            at: string;
            /** @description As it was; never a secret. */
            before?: Record<string, never> | null;
            /** Format: int64 */
            id: number;
            /** @description What it was done to. */
            target?: string | null;
        };
        /** @description One model call. */
        CallView: {
            agent_id: string;
            call_name?: string | null;
            /**
             * Format: double
             * @description US dollars; `null` when neither reported nor to be estimated.
             */
            cost?: number | null;
            /** @description reported, estimated or unknown */
            cost_source: string;
            /** Format: double */
            duration_ms?: number | null;
            event_id: string;
            model?: string | null;
            project_id?: string | null;
            prompt_preview?: string | null;
            response_preview?: string | null;
            task_id?: string | null;
            task_run_id?: string | null;
            /** Format: date-time */
            timestamp: string;
            /** Format: int64 */
            tokens_in?: number | null;
            /** Format: int64 */
            tokens_out?: number | null;
        };
        ChainLink: {
            action_id?: string | null;
            event_id: string;
            event_type: string;
            exception_type?: string | null;
            /** @description The exception's message, or the event's summary. */
            message?: string | null;
            name?: string | null;
            /** Format: date-time */
            timestamp: string;
        };
        ChangedPassword: {
            current_password: string;
            /** @description 10 to 199 characters. */
            new_password: string;
        };
        /** @description What a channel needs: `url` of webhook, slack and discord; `routing_key` of pagerduty; `to` of email. Secrets are written once and never read back. */
        ChannelConfig: {
            /** @description Of pagerduty: the integration key. */
            routing_key?: string | null;
            /** @description Of webhook: signs what is sent; made when not given. */
            secret?: string | null;
            /** @description Of email: who gets it, 50 at most. */
            to?: string[] | null;
            /** @description Of webhook, slack and discord; of pagerduty where it is not the usual one. */
            url?: string | null;
        };
        /** @enum {string} */
        ChannelKind: "webhook" | "slack" | "discord" | "pagerduty" | "email";
        /** @description A channel, never its secrets. */
        ChannelView: {
            channel_id: string;
            /** Format: date-time */
            created_at: string;
            /** @description Scheme and host of its URL; the rest may be a secret and is not shown. */
            host?: string | null;
            /** @description Whether webhooks are signed. */
            is_signed: boolean;
            name: string;
            /** @description Of e-mail: the addresses. */
            to: string[];
            type: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description Whether a kind found something. */
        Checked: {
            kind: components["schemas"]["Kind"];
            /**
             * Format: int64
             * @description How many (runs, calls, heartbeats, …: whatever the kind is about) were looked at.
             */
            looked_at: number;
            result: components["schemas"]["CheckedResult"];
        };
        /** @enum {string} */
        CheckedResult: "found" | "nothing" | "not_enough_data";
        /** @description What a rule watches for, and its figures. */
        Condition: {
            /** @enum {string} */
            type: "agent_stuck";
        } | {
            /** Format: int64 */
            seconds: number;
            /** @enum {string} */
            type: "heartbeat_lost";
        } | {
            /** Format: int64 */
            seconds: number;
            /** @enum {string} */
            type: "no_events";
        } | {
            /** Format: int64 */
            count?: number;
            /** @enum {string} */
            type: "task_failed";
            /** Format: int64 */
            window_seconds: number;
        } | {
            /** Format: int64 */
            min_tasks?: number;
            /** Format: double */
            percent: number;
            /** @enum {string} */
            type: "error_rate";
            /** Format: int64 */
            window_seconds: number;
        } | {
            /** Format: int64 */
            seconds: number;
            /** @enum {string} */
            type: "duration_exceeded";
        } | {
            /** Format: int64 */
            seconds: number;
            /** @enum {string} */
            type: "task_stalled";
        } | {
            by?: components["schemas"]["SpentBy"];
            period?: components["schemas"]["Period"] | null;
            /** @enum {string} */
            type: "cost_threshold";
            /**
             * Format: double
             * @description US dollars. May be left out while the rule is switched off.
             */
            usd?: number | null;
            utc_offset?: components["schemas"]["UtcOffset"] | null;
            /** Format: int64 */
            window_seconds?: number | null;
        } | {
            /** Format: int64 */
            depth?: number | null;
            /** Format: double */
            oldest_age_seconds?: number | null;
            /** @enum {string} */
            type: "queue_backlog";
        } | {
            /** Format: int64 */
            seconds: number;
            /** @enum {string} */
            type: "approval_waiting";
        } | {
            min_severity?: components["schemas"]["IssueSeverity"];
            /** @enum {string} */
            type: "issue_reported";
        } | {
            /** Format: int64 */
            seconds: number;
            /** @enum {string} */
            type: "schedule_overdue";
        } | {
            kinds?: string[];
            min_severity?: components["schemas"]["InsightSeverity"];
            /** @enum {string} */
            type: "insight";
        };
        CostBucket: components["schemas"]["SplitKeys"] & components["schemas"]["Totals"] & {
            /** @description Whether it is what series beyond `limit` come to. */
            is_other?: boolean;
            /**
             * Format: date-time
             * @description Start of the bucket.
             */
            timestamp: string;
        };
        /** @description Totals of one value of each dimension asked for. */
        CostGroup: components["schemas"]["SplitKeys"] & components["schemas"]["Totals"] & {
            /** Format: double */
            avg_cost_per_call?: number | null;
        };
        CostSeries: {
            /**
             * Format: int64
             * @description Of a day by 24 hours, though days of a time zone may be longer or shorter.
             */
            interval_seconds: number;
            /** @description By time; without gaps unless split. */
            timeseries: components["schemas"]["CostBucket"][];
        };
        CostView: {
            /** @description Dearest first, as many as asked for. */
            groups: components["schemas"]["CostGroup"][];
            other?: components["schemas"]["OtherCost"] | null;
            totals: components["schemas"]["Totals"];
        };
        DamageView: {
            file: string;
            what: string;
        };
        DayStorage: {
            /** @description UTC, `YYYY-MM-DD`. */
            day: string;
            /**
             * Format: int64
             * @description The events themselves, compressed.
             */
            event_bytes: number;
            /** Format: int64 */
            events: number;
            /**
             * Format: date-time
             * @description When retention frees these bytes.
             */
            frees_at: string;
            /**
             * Format: int64
             * @description Its share of what finds events and sums figures.
             */
            index_bytes: number;
        };
        /** @description Whether a channel heard of an alert. */
        DeliveryView: {
            alert_id?: string | null;
            /**
             * Format: date-time
             * @description When it was tried last, or when it was made.
             */
            at: string;
            /**
             * Format: int32
             * @description How often it was tried.
             */
            attempt: number;
            channel_id: string;
            /** @description `null` for a channel that was deleted. */
            channel_name?: string | null;
            /** @description The same on every attempt. */
            delivery_id: string;
            error?: string | null;
            /** @description alert.firing, alert.resolved or alert.test */
            kind: string;
            /**
             * Format: date-time
             * @description When it is tried next.
             */
            next_at?: string | null;
            /** @description waiting, delivered or dead */
            status: string;
        };
        /** @description What the door of the board asks for. */
        DoorView: {
            /** @description Whether the link alone opens the board, without a password: on the server's own machine, until there is an owner. */
            password_optional: boolean;
            /** @description Whether a link for a new password can be had by mail; else whoever runs the server makes one. */
            reset_by_mail: boolean;
            /** @description `password` once the board has an owner; `link` before: the one that the server prints. */
            sign_in: string;
        };
        /** @description Percentiles and mean of durations; all `null` when there were none. */
        DurationFigures: {
            /** Format: double */
            avg_duration_ms?: number | null;
            /** Format: double */
            p50_duration_ms?: number | null;
            /** Format: double */
            p95_duration_ms?: number | null;
            /** Format: double */
            p99_duration_ms?: number | null;
        };
        ErrorAgent: {
            agent_id: string;
            /** Format: date-time */
            last_seen: string;
            /** Format: int64 */
            occurrences: number;
        };
        /** @description Every error answer. */
        ErrorBody: {
            details: Record<string, never>;
            /** @description One of the codes of the table. */
            error: string;
            /** @description What is wrong and what to do. */
            message: string;
            /** Format: int32 */
            status: number;
        };
        /** @description A failure with what led to it: earlier attempts and the retries between them, oldest first. */
        ErrorChain: {
            /** @description The last event of the chain. */
            event_id: string;
            links: components["schemas"]["ChainLink"][];
            /** @description Of the failed action, step or task. */
            name?: string | null;
            /** @description Whether a later attempt of the same thing succeeded. */
            recovered: boolean;
        };
        /** @description One of the failures. */
        ErrorExample: {
            agent_id: string;
            agent_version?: string | null;
            event_id: string;
            message?: string | null;
            /** @description `null` for what an agent did outside of any task. */
            task_id?: string | null;
            task_run_id?: string | null;
            /** Format: date-time */
            timestamp: string;
        };
        ErrorVersion: {
            /** Format: date-time */
            first_seen: string;
            /** Format: date-time */
            last_seen: string;
            /** @description `null` where the client named none. */
            version?: string | null;
        };
        /** @description A failure that happened again and again, or once. */
        ErrorView: {
            /**
             * Format: int64
             * @description How many agents it happened to.
             */
            agent_count: number;
            /** @description Those it happened to most, at most 20. */
            agents: components["schemas"]["ErrorAgent"][];
            environments: string[];
            /** @description The same for the same exception at the same place. */
            error_id: string;
            /** @description The newest first, at most 10. */
            examples: components["schemas"]["ErrorExample"][];
            /** @description `null` where agents named none. */
            exception_type?: string | null;
            /** Format: date-time */
            first_seen: string;
            /**
             * Format: int64
             * @description Those in the time asked for, to the hour; to the day where that is longer than a week.
             */
            in_period: number;
            /** Format: date-time */
            last_seen: string;
            /** @description Of the latest failure. */
            message?: string | null;
            /**
             * Format: int64
             * @description Failures in all, each cause once: an action that only passed on what failed inside of it is not counted.
             */
            occurrences: number;
            /** @description Name of the action, or type of the task; `null` where it has none. */
            place?: string | null;
            place_kind: components["schemas"]["PlaceKind"];
            projects: string[];
            /** @description The same, parted into equal stretches, the oldest first. */
            trend: number[];
            /** @description The latest first, at most 20. */
            versions: components["schemas"]["ErrorVersion"][];
        };
        /** @description Borrows from the stored event; nothing is copied on the way to the answer. */
        EventView: {
            action_id?: string | null;
            agent_id: string;
            agent_type: string;
            agent_version?: string | null;
            correlation_id?: string | null;
            /** Format: double */
            duration_ms?: number | null;
            environment: string;
            event_id: string;
            event_type: string;
            group: string;
            parent_action_id?: string | null;
            parent_event_id?: string | null;
            payload?: Record<string, never> | null;
            project_id?: string | null;
            /** Format: date-time */
            received_at: string;
            /** @description The well-known kind of the payload, else `null`. */
            render_hint?: string | null;
            /** Format: int64 */
            seq: number;
            severity: string;
            /** @description By which way it came in: `ingest` or `otlp`. */
            source: string;
            status?: string | null;
            task_id?: string | null;
            task_run_id?: string | null;
            task_type?: string | null;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description A figure, and where on the board it can be looked up. */
        Evidence: {
            label: string;
            /** @description On the board, from its root: `/tasks?status=failed&…`. */
            link: string;
            unit?: string | null;
            /** Format: double */
            value: number;
        };
        ExceptionSpan: {
            /** @description The error that it is one failure of. */
            error_id?: string | null;
            exception_message?: string | null;
            exception_type?: string | null;
        };
        /** @description What a call cost, and why. */
        ExplainedCall: components["schemas"]["Explanation"] & {
            /**
             * Format: double
             * @description US dollars, as stored and summed; `null` when unknown.
             */
            cost?: number | null;
            /** @description reported, estimated or unknown */
            cost_source: string;
            event_id: string;
        };
        /** @description How a call's cost comes about by the table of now. Where the cost was reported, what the estimate would have been. */
        Explanation: {
            /**
             * Format: double
             * @description US dollars by the table of now: the shares together.
             */
            estimate?: number | null;
            /**
             * Format: int64
             * @description The input above which the whole call costs more, when this one was longer.
             */
            long_context_above_tokens?: number | null;
            model?: string | null;
            row?: components["schemas"]["MatchedRow"] | null;
            /** @description Kinds that the call used, each token once. */
            shares: components["schemas"]["Share"][];
            /** @description A sentence. */
            why: string;
        };
        FirstOwner: {
            email: string;
            name: string;
            /** @description 10 to 199 characters. */
            password: string;
            /** @description From the link that the server prints; not needed by whoever opened the board by it. */
            token?: string | null;
        };
        ForgottenPassword: {
            email: string;
        };
        /** @description One thing a rule found, from firing to resolved. */
        FoundAlert: {
            /** @description Why it matters, and what to do first. */
            advice: string;
            alert_id: string;
            /** @description The condition's type. */
            condition: string;
            /** @description What is known, by name. */
            evidence: Record<string, never>;
            labels?: components["schemas"]["AlertLabels"];
            /** @description The page of the board that shows it: a path here, an address in answers and messages. */
            link: string;
            /** @description It fired while its rule was muted: no channel heard of it. */
            muted?: boolean;
            /** @description How it ended. */
            resolution?: string | null;
            /** Format: date-time */
            resolved_at?: string | null;
            rule_id: string;
            rule_name: string;
            severity: components["schemas"]["AlertSeverity"];
            /**
             * Format: date-time
             * @description Since when it has been so.
             */
            since: string;
            /**
             * Format: date-time
             * @description When the rule fired.
             */
            started_at: string;
            state: components["schemas"]["AlertState"];
            subject: components["schemas"]["Subject"];
            /** @description One sentence a person can act on. */
            summary: string;
            /** Format: double */
            threshold: number;
            unit: string;
            /**
             * Format: double
             * @description The figure (of one that fires as it is now, where it is counted), what it is compared with, and the unit of both.
             */
            value: number;
        };
        /** @description Figures of one value of what was grouped by. */
        Group: components["schemas"]["CostGroup"] & components["schemas"]["DurationFigures"] & {
            /** Format: double */
            avg_cost_per_task?: number | null;
            /** Format: double */
            success_rate?: number | null;
            /** Format: int64 */
            tasks_completed?: number | null;
            /** Format: int64 */
            tasks_failed?: number | null;
            /**
             * Format: int64
             * @description `null` for groups by model, which runs do not belong to.
             */
            total_tasks?: number | null;
        };
        Health: {
            /** @description Files that are damaged; `GET /v1/storage` says more. */
            damaged?: string[];
            /** @description `ok`; `degraded` when something stored is damaged, and the rest is served */
            status: string;
            version: string;
        };
        HeartbeatView: {
            /** @description `null` when it had none, or was too large to keep at hand (then the event has it). */
            payload?: Record<string, never> | null;
            /** Format: date-time */
            received_at: string;
            summary?: string | null;
            /** Format: date-time */
            timestamp: string;
        };
        HumanSpan: {
            /** @description The answer, in the person's own words. */
            answer?: string | null;
            answered_by?: string | null;
            asked_of?: string | null;
            decision?: string | null;
        };
        /** @description Something that the figures say. */
        Insight: {
            action_name?: string | null;
            agent_id?: string | null;
            /**
             * Format: double
             * @description What it stands out from; `null` where there is nothing to compare with.
             */
            baseline?: number | null;
            evidence: components["schemas"]["Evidence"][];
            kind: components["schemas"]["Kind"];
            model?: string | null;
            project_id?: string | null;
            severity: components["schemas"]["Severity"];
            /**
             * Format: date-time
             * @description From when on was looked.
             */
            since: string;
            suggestion: string;
            /** @description At most 10 that show it. */
            task_ids: string[];
            task_type?: string | null;
            /** @description A sentence whose figures are all among the evidence. */
            title: string;
            /** @description Of `value` and `baseline`. */
            unit: string;
            /**
             * Format: double
             * @description What stands out.
             */
            value: number;
        };
        /** @enum {string} */
        InsightSeverity: "info" | "warning" | "critical";
        /** @description What was found, and what was looked at. */
        InsightsView: {
            /** @description Every kind asked for, and whether it had enough to say something. */
            checked: components["schemas"]["Checked"][];
            /** @description The most severe first, and of these the dearest. */
            data: components["schemas"]["Insight"][];
        };
        InstanceView: {
            /** Format: date-time */
            first_seen: string;
            instance_id: string;
            /** @description Silent for longer than the agent's threshold. */
            is_silent: boolean;
            /** Format: date-time */
            last_seen: string;
            /** Format: int64 */
            open_runs: number;
        };
        InvitationToken: {
            /** @description From the link. */
            token: string;
        };
        /** @description An invitation, never its link. */
        InvitationView: {
            /** Format: date-time */
            created_at: string;
            email: string;
            /** Format: date-time */
            expires_at: string;
            invitation_id: string;
            invited_by: string;
            /** @description viewer, member, admin or owner */
            role: string;
        };
        /**
         * @description How bad an issue is, as agents say it.
         * @enum {string}
         */
        IssueSeverity: "low" | "medium" | "high" | "critical";
        /** @enum {string} */
        IssueStatus: "open" | "resolved" | "dismissed";
        IssueView: {
            category?: string | null;
            context?: Record<string, never> | null;
            /** Format: date-time */
            first_seen: string;
            issue_id: string;
            /** Format: date-time */
            last_seen: string;
            /** Format: int64 */
            occurrences: number;
            /** @description As reported; `medium` when the report names none. */
            severity: string;
            status: components["schemas"]["IssueStatus"];
            summary?: string | null;
        };
        /** @description Open ones first, then by severity, then newest first. */
        IssuesView: {
            /**
             * Format: int64
             * @description Those that had to go because the agent has too many: closed ones first, the oldest first.
             */
            dropped_count: number;
            items: components["schemas"]["IssueView"][];
        };
        /** @description How long events are kept. */
        Kept: {
            /**
             * Format: int32
             * @description Days after the day they arrived on, 1 or more; `null` goes back to the server's default. At least as long as repeated events are recognised.
             */
            retention_days?: number | null;
        };
        /** @description A key, never its secret. */
        KeyView: {
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description When it stops by itself.
             */
            expires_at?: string | null;
            /** @description Whether it works now. */
            is_active: boolean;
            key_id: string;
            /** @description The same as `prefix`. */
            key_prefix: string;
            /** @description The same as `kind`. */
            key_type: string;
            /** @description live, test or read */
            kind: string;
            /** @description The same as `name`. */
            label: string;
            /** Format: date-time */
            last_used_at?: string | null;
            /** @description Whose data it sees. */
            mode: string;
            name: string;
            /** @description The first characters, to tell keys apart. */
            prefix: string;
            /** @description The key that was made in its place. */
            replaced_by?: string | null;
            /** Format: date-time */
            revoked_at?: string | null;
            /** @description What it may: ingest, read, write; a read key never more than read. */
            scopes: string[];
        };
        /**
         * @description What an insight is about.
         * @enum {string}
         */
        Kind: "dear_model_cheap_task" | "cost_spike" | "prompt_bloat" | "cost_outlier" | "dropped_tasks" | "queue_growing_idle" | "silent_auth_failures" | "heartbeat_drift" | "approvals_backing_up" | "failing_action" | "recurring_issue" | "success_change" | "duration_change" | "worst_agent" | "deploy_regression" | "cost_per_task_trend" | "loop" | "unrecovered_error" | "rate_limited" | "fleet_health" | "ready_to_scale";
        /**
         * @description What tells that an agent is alive.
         * @enum {string}
         */
        Liveness: "heartbeat" | "metrics" | "none" | "gone";
        LlmSpan: {
            /**
             * Format: double
             * @description US dollars; `null` when neither reported nor to be estimated.
             */
            cost?: number | null;
            /** @description reported, estimated or unknown */
            cost_source?: string | null;
            /** @description Names of fields that were not understood, as a text where a number is due: stored as sent, and absent here. */
            malformed: string[];
            model?: string | null;
            prompt_preview?: string | null;
            response_preview?: string | null;
            /** Format: int64 */
            tokens_in?: number | null;
            /** Format: int64 */
            tokens_out?: number | null;
        };
        /** @description Prices of all tokens of a call whose whole input is longer than so many tokens. */
        LongContext: {
            /** Format: int64 */
            above_tokens: number;
            /** Format: double */
            cache_write_5m_per_million?: number | null;
            /** Format: double */
            cached_input_per_million?: number | null;
            /** Format: double */
            input_per_million: number;
            /** Format: double */
            output_per_million: number;
        };
        /** @description The row that a model's price comes from. */
        MatchedRow: {
            /** @description Whether it is the workspace's own. */
            is_own: boolean;
            /** @description How the model's name matched it. */
            matched: components["schemas"]["Anchor"];
            pattern: string;
            source: components["schemas"]["Source"];
        };
        MemberView: {
            email: string;
            /** Format: date-time */
            joined_at: string;
            /**
             * Format: date-time
             * @description At the board, to within five minutes.
             */
            last_seen_at?: string | null;
            name: string;
            person_id: string;
            /** @description viewer, member, admin or owner */
            role: string;
        };
        MergeInto: {
            /** @description The project that stays. */
            into: string;
        };
        MetricsSummary: components["schemas"]["DurationFigures"] & {
            /** Format: double */
            avg_cost_per_task?: number | null;
            /**
             * Format: int64
             * @description Called off: neither completed nor failed, not in `success_rate`.
             */
            cancelled: number;
            /** Format: int64 */
            completed: number;
            /** Format: int64 */
            error_count: number;
            /**
             * Format: int64
             * @description Runs that were escalated, ended or not.
             */
            escalated: number;
            /** Format: double */
            estimated_cost?: number | null;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            llm_call_count: number;
            /** Format: int64 */
            processing: number;
            /** Format: int64 */
            stuck: number;
            /** Format: double */
            success_rate?: number | null;
            /** Format: double */
            total_cost?: number | null;
            /** Format: int64 */
            total_tasks: number;
            /** Format: int64 */
            total_tokens_in: number;
            /** Format: int64 */
            total_tokens_out: number;
            /** Format: int64 */
            waiting: number;
        };
        MetricsView: {
            /** @description With `group_by`: as many as asked for. */
            groups?: components["schemas"]["Group"][] | null;
            /**
             * Format: int64
             * @description Of a day by 24 hours, though days of a time zone may be longer or shorter.
             */
            interval_seconds: number;
            other?: components["schemas"]["OtherGroups"] | null;
            /** Format: date-time */
            since: string;
            summary: components["schemas"]["MetricsSummary"];
            /** @description Without gaps. */
            timeseries: components["schemas"]["Point"][];
            /** Format: date-time */
            until: string;
        };
        ModeStorage: {
            /** @description By day of arrival, oldest first. */
            days: components["schemas"]["DayStorage"][];
            /** Format: int64 */
            event_bytes: number;
            /** Format: int64 */
            events: number;
            /** Format: int64 */
            index_bytes: number;
            mode: string;
            /**
             * Format: int32
             * @description How many days events are kept after the day they arrived on.
             */
            retention_days: number;
        };
        Mute: {
            /**
             * Format: date-time
             * @description Until when no channel hears of it; `null` lets them hear again.
             */
            muted_until?: string | null;
        };
        NewChannel: {
            /** @description When a channel is changed, what is left out stays. */
            config?: components["schemas"]["ChannelConfig"];
            /** @description For people, 1 to 200 characters. */
            name: string;
            type: components["schemas"]["ChannelKind"];
        };
        /** @description A new channel with the secret that signs its webhooks, which is shown this once. */
        NewChannelView: components["schemas"]["ChannelView"] & {
            secret?: string | null;
        };
        NewInvitation: {
            email: string;
            role: components["schemas"]["RoleName"];
        };
        /** @description A new invitation with its link, which is shown this once. */
        NewInvitationView: components["schemas"]["InvitationView"] & {
            /** @description Works once, for seven days. Whoever has it gets in. */
            link: string;
        };
        NewKey: {
            /**
             * Format: date-time
             * @description When it stops by itself (RFC 3339); never when not given.
             */
            expires_at?: string | null;
            /** @description `key_type` means the same. */
            kind: components["schemas"]["NewKeyKind"];
            /** @description Whose data a read key sees; live when not given. */
            mode?: string | null;
            /** @description What it is for, at most 200 characters; `label` means the same. */
            name?: string | null;
            /** @description What it may: some of ingest, read, write; all that its kind may when not given. */
            scopes?: components["schemas"]["ScopeName"][] | null;
        };
        /** @enum {string} */
        NewKeyKind: "live" | "test" | "read";
        /** @description A new key with its secret, which is shown this once. */
        NewKeyView: components["schemas"]["KeyView"] & {
            key: string;
            /** @description The same as `key`. */
            raw_key: string;
        };
        NewPassword: {
            /** @description 10 to 199 characters. */
            password: string;
            /** @description From the link that was mailed, or that `hiveboard members reset` prints. */
            token: string;
        };
        NewProject: {
            description?: string | null;
            environment?: string | null;
            /** @description For people; the id when not given. */
            name?: string | null;
            /** @description The id that events name; made from the name when not given. */
            project_id?: string | null;
            /** @description The same as `project_id`. */
            slug?: string | null;
        };
        NewProjectAgent: {
            /** @description One that the board knows. */
            agent_id: string;
        };
        NewRole: {
            role: components["schemas"]["RoleName"];
        };
        NewView: {
            /** @description 1 to 100 characters; a view of the same name is replaced. */
            name: string;
            /** @description Path of the page, like `/tasks`. */
            page: string;
            /** @description What stands behind the `?` of its address; at most 4,000 characters. */
            query?: string;
        };
        NewWorkspace: {
            /** @description 1 to 100 characters. */
            name: string;
        };
        /** @description What an invitation is for. */
        OpenedInvitation: {
            email: string;
            /** Format: date-time */
            expires_at: string;
            /** @description Whether the address has an account already: then its password is asked for, else a new one. */
            has_account: boolean;
            invited_by: string;
            role: string;
            workspace: string;
        };
        /** @description Groups that are not told one by one. */
        OtherCost: components["schemas"]["Totals"] & {
            /** Format: double */
            avg_cost_per_call?: number | null;
            /** Format: int64 */
            group_count: number;
        };
        /** @description Groups that are not told one by one. */
        OtherGroups: components["schemas"]["OtherCost"] & {
            /** Format: double */
            avg_cost_per_task?: number | null;
            /** Format: double */
            success_rate?: number | null;
            /** Format: int64 */
            tasks_completed?: number | null;
            /** Format: int64 */
            tasks_failed?: number | null;
            /**
             * Format: int64
             * @description `null` for groups by model, which runs do not belong to.
             */
            total_tasks?: number | null;
        };
        Page_AgentView: {
            data: {
                agent_id: string;
                agent_type: string;
                agent_version?: string | null;
                /**
                 * Format: int64
                 * @description How far its clock is off: arrival minus timestamp, the median of the latest arrivals; negative when it is ahead, `null` while small.
                 */
                clock_skew_ms?: number | null;
                current_project_id?: string | null;
                current_task_id?: string | null;
                current_task_run_id?: string | null;
                derived_status: components["schemas"]["AgentStatus"];
                environment: string;
                /**
                 * Format: date-time
                 * @description Arrival of the first event, by the server's clock.
                 */
                first_seen: string;
                framework: string;
                group: string;
                /** Format: double */
                heartbeat_age_seconds?: number | null;
                /** Format: double */
                heartbeat_interval_seconds?: number | null;
                heartbeat_summary?: string | null;
                is_stuck: boolean;
                /**
                 * Format: date-time
                 * @description Arrival of the latest heartbeat, by the server's clock.
                 */
                last_heartbeat?: string | null;
                /**
                 * Format: date-time
                 * @description Arrival of the latest event, by the server's clock.
                 */
                last_seen: string;
                liveness: components["schemas"]["Liveness"];
                projects: string[];
                runtime?: string | null;
                sdk_version?: string | null;
                /** @description Events in twelve five-minute slots, heartbeats included, oldest first. */
                sparkline_1h: number[];
                stats_1h: components["schemas"]["AgentStatsHour"];
                /**
                 * Format: date-time
                 * @description By the server's clock.
                 */
                status_since: string;
                /** Format: double */
                stuck_threshold_seconds: number;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_AlertView: {
            data: (components["schemas"]["FoundAlert"] & {
                /** Format: date-time */
                acknowledged_at?: string | null;
                acknowledged_by?: string | null;
                deliveries: components["schemas"]["DeliveryView"][];
                told?: components["schemas"]["AlertWords"] | null;
            })[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_AuditView: {
            data: {
                /** @description Noun and verb, like `key.created`. */
                action: string;
                actor: components["schemas"]["ActorView"];
                /** @description Where it came from; `null` for the command line. */
                address?: string | null;
                /** @description As it is now; never a secret. */
                after?: Record<string, never> | null;
                /** Format: date-time */
                at: string;
                /** @description As it was; never a secret. */
                before?: Record<string, never> | null;
                /** Format: int64 */
                id: number;
                /** @description What it was done to. */
                target?: string | null;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_CallView: {
            data: {
                agent_id: string;
                call_name?: string | null;
                /**
                 * Format: double
                 * @description US dollars; `null` when neither reported nor to be estimated.
                 */
                cost?: number | null;
                /** @description reported, estimated or unknown */
                cost_source: string;
                /** Format: double */
                duration_ms?: number | null;
                event_id: string;
                model?: string | null;
                project_id?: string | null;
                prompt_preview?: string | null;
                response_preview?: string | null;
                task_id?: string | null;
                task_run_id?: string | null;
                /** Format: date-time */
                timestamp: string;
                /** Format: int64 */
                tokens_in?: number | null;
                /** Format: int64 */
                tokens_out?: number | null;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_ChannelView: {
            data: {
                channel_id: string;
                /** Format: date-time */
                created_at: string;
                /** @description Scheme and host of its URL; the rest may be a secret and is not shown. */
                host?: string | null;
                /** @description Whether webhooks are signed. */
                is_signed: boolean;
                name: string;
                /** @description Of e-mail: the addresses. */
                to: string[];
                type: string;
                /** Format: date-time */
                updated_at: string;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_DeliveryView: {
            data: {
                alert_id?: string | null;
                /**
                 * Format: date-time
                 * @description When it was tried last, or when it was made.
                 */
                at: string;
                /**
                 * Format: int32
                 * @description How often it was tried.
                 */
                attempt: number;
                channel_id: string;
                /** @description `null` for a channel that was deleted. */
                channel_name?: string | null;
                /** @description The same on every attempt. */
                delivery_id: string;
                error?: string | null;
                /** @description alert.firing, alert.resolved or alert.test */
                kind: string;
                /**
                 * Format: date-time
                 * @description When it is tried next.
                 */
                next_at?: string | null;
                /** @description waiting, delivered or dead */
                status: string;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_ErrorView: {
            data: {
                /**
                 * Format: int64
                 * @description How many agents it happened to.
                 */
                agent_count: number;
                /** @description Those it happened to most, at most 20. */
                agents: components["schemas"]["ErrorAgent"][];
                environments: string[];
                /** @description The same for the same exception at the same place. */
                error_id: string;
                /** @description The newest first, at most 10. */
                examples: components["schemas"]["ErrorExample"][];
                /** @description `null` where agents named none. */
                exception_type?: string | null;
                /** Format: date-time */
                first_seen: string;
                /**
                 * Format: int64
                 * @description Those in the time asked for, to the hour; to the day where that is longer than a week.
                 */
                in_period: number;
                /** Format: date-time */
                last_seen: string;
                /** @description Of the latest failure. */
                message?: string | null;
                /**
                 * Format: int64
                 * @description Failures in all, each cause once: an action that only passed on what failed inside of it is not counted.
                 */
                occurrences: number;
                /** @description Name of the action, or type of the task; `null` where it has none. */
                place?: string | null;
                place_kind: components["schemas"]["PlaceKind"];
                projects: string[];
                /** @description The same, parted into equal stretches, the oldest first. */
                trend: number[];
                /** @description The latest first, at most 20. */
                versions: components["schemas"]["ErrorVersion"][];
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_EventView: {
            data: {
                action_id?: string | null;
                agent_id: string;
                agent_type: string;
                agent_version?: string | null;
                correlation_id?: string | null;
                /** Format: double */
                duration_ms?: number | null;
                environment: string;
                event_id: string;
                event_type: string;
                group: string;
                parent_action_id?: string | null;
                parent_event_id?: string | null;
                payload?: Record<string, never> | null;
                project_id?: string | null;
                /** Format: date-time */
                received_at: string;
                /** @description The well-known kind of the payload, else `null`. */
                render_hint?: string | null;
                /** Format: int64 */
                seq: number;
                severity: string;
                /** @description By which way it came in: `ingest` or `otlp`. */
                source: string;
                status?: string | null;
                task_id?: string | null;
                task_run_id?: string | null;
                task_type?: string | null;
                /** Format: date-time */
                timestamp: string;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_InvitationView: {
            data: {
                /** Format: date-time */
                created_at: string;
                email: string;
                /** Format: date-time */
                expires_at: string;
                invitation_id: string;
                invited_by: string;
                /** @description viewer, member, admin or owner */
                role: string;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_KeyView: {
            data: {
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it stops by itself.
                 */
                expires_at?: string | null;
                /** @description Whether it works now. */
                is_active: boolean;
                key_id: string;
                /** @description The same as `prefix`. */
                key_prefix: string;
                /** @description The same as `kind`. */
                key_type: string;
                /** @description live, test or read */
                kind: string;
                /** @description The same as `name`. */
                label: string;
                /** Format: date-time */
                last_used_at?: string | null;
                /** @description Whose data it sees. */
                mode: string;
                name: string;
                /** @description The first characters, to tell keys apart. */
                prefix: string;
                /** @description The key that was made in its place. */
                replaced_by?: string | null;
                /** Format: date-time */
                revoked_at?: string | null;
                /** @description What it may: ingest, read, write; a read key never more than read. */
                scopes: string[];
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_MemberView: {
            data: {
                email: string;
                /** Format: date-time */
                joined_at: string;
                /**
                 * Format: date-time
                 * @description At the board, to within five minutes.
                 */
                last_seen_at?: string | null;
                name: string;
                person_id: string;
                /** @description viewer, member, admin or owner */
                role: string;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_PipelineView: {
            data: {
                agent_id: string;
                issues: components["schemas"]["IssuesView"];
                queue?: components["schemas"]["QueueView"] | null;
                scheduled?: components["schemas"]["ScheduledView"] | null;
                todos: components["schemas"]["TodosView"];
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_PriceView: {
            data: (components["schemas"]["Rates"] & {
                /** @description Whether it is the workspace's own. Those win. */
                is_own: boolean;
                matched?: components["schemas"]["Anchor"] | null;
                /** @description A model's name in lower case; in rows of the workspace's own `*` stands for any text. */
                pattern: string;
                source: components["schemas"]["Source"];
            })[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_ProjectAgent: {
            data: {
                /**
                 * Format: date-time
                 * @description When people put it there; `null` where they did not.
                 */
                added_at?: string | null;
                agent_id: string;
                /** @description The rest is `null` when its events are gone. */
                agent_type?: string | null;
                /** @description Some of its events name the project. */
                by_events: boolean;
                derived_status?: string | null;
                environment?: string | null;
                group?: string | null;
                /** Format: date-time */
                last_seen?: string | null;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_ProjectView: {
            data: {
                /** Format: int64 */
                agent_count: number;
                /** @description Ids of projects that were merged into it: their events count here. */
                aliases: string[];
                /** @description Made because an event named it. */
                auto_created: boolean;
                /**
                 * Format: double
                 * @description US dollars.
                 */
                cost_24h: number;
                /** Format: date-time */
                created_at: string;
                description?: string | null;
                environment?: string | null;
                /** Format: int64 */
                event_count: number;
                is_archived: boolean;
                name: string;
                /** @description As events name it. */
                project_id: string;
                /** @description The same as `project_id`. */
                slug: string;
                /** Format: int64 */
                tasks_completed_24h: number;
                /** Format: int64 */
                tasks_failed_24h: number;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_RuleView: {
            data: (components["schemas"]["RuleDraft"] & {
                /** @description Names of its channels, in their order; `null` for one that was deleted. */
                channel_names: (string | null)[];
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: int64
                 * @description Alerts of it that fire now.
                 */
                firing: number;
                rule_id: string;
                /** Format: date-time */
                updated_at: string;
            })[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_SessionRow: {
            data: {
                /** @description Where it was opened. */
                address?: string | null;
                /** Format: date-time */
                created_at: string;
                email?: string | null;
                /**
                 * Format: date-time
                 * @description When it ends unless it is used before.
                 */
                expires_at: string;
                /** @description Whether this request came with it. */
                is_current: boolean;
                /**
                 * Format: date-time
                 * @description To within five minutes.
                 */
                last_seen_at: string;
                /** @description Whose it is; `null` for whoever opened the board by its link, before it had an owner. */
                person_id?: string | null;
                session_id: string;
                /** @description What the browser calls itself. */
                user_agent?: string | null;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_StateSpanView: {
            data: {
                agent_id: string;
                /**
                 * Format: double
                 * @description Until now while it lasts.
                 */
                duration_seconds: number;
                /**
                 * Format: date-time
                 * @description `null` while it lasts.
                 */
                ended_at?: string | null;
                /**
                 * Format: date-time
                 * @description By the server's clock, like `ended_at`.
                 */
                started_at: string;
                state: components["schemas"]["StateKind"];
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Page_TaskView: {
            data: {
                /** Format: int32 */
                action_count: number;
                agent_id: string;
                agent_version?: string | null;
                /**
                 * Format: int32
                 * @description What of them went wrong by itself, each cause once, as `GET /v1/errors` counts: what failed because something inside of it did is left out. Failed plan steps count
                 *     where nothing else failed.
                 */
                cause_count: number;
                /**
                 * Format: date-time
                 * @description Of the latest end; `null` while the run is open.
                 */
                completed_at?: string | null;
                correlation_id?: string | null;
                derived_status: components["schemas"]["TaskStatus"];
                /** Format: double */
                duration_ms: number;
                environment: string;
                /**
                 * Format: int32
                 * @description Failed actions, plan steps and the failed task itself.
                 */
                error_count: number;
                /**
                 * Format: double
                 * @description The estimated part of `total_cost`.
                 */
                estimated_cost?: number | null;
                exception_message?: string | null;
                /** @description Of the failure that ended it. */
                exception_type?: string | null;
                group: string;
                has_escalation: boolean;
                has_human_intervention: boolean;
                /** Format: date-time */
                last_event_at: string;
                /** Format: int32 */
                llm_call_count?: number | null;
                plan_progress?: components["schemas"]["PlanProgress"] | null;
                project_id?: string | null;
                /** Format: int32 */
                retry_count?: number | null;
                /**
                 * Format: date-time
                 * @description Of the run's first event.
                 */
                started_at: string;
                /**
                 * Format: date-time
                 * @description By the agent's clock; of a stuck run by the server's.
                 */
                status_since: string;
                task_id: string;
                /** @description `""` when the client sent none. */
                task_run_id: string;
                task_type?: string | null;
                /**
                 * Format: double
                 * @description Reported plus estimated, US dollars.
                 */
                total_cost?: number | null;
                /** Format: int64 */
                total_tokens_in?: number | null;
                /** Format: int64 */
                total_tokens_out?: number | null;
                waiting?: components["schemas"]["WaitingView"] | null;
            }[];
            pagination: components["schemas"]["Pagination"];
        };
        Pagination: {
            /** @description Give it back as `cursor` for what follows; `null` at the end. */
            cursor?: string | null;
            has_more: boolean;
        };
        PasswordChanged: {
            changed: boolean;
        };
        /** @enum {string} */
        Period: "day" | "month";
        PersonView: {
            email: string;
            name: string;
            person_id: string;
        };
        /** @description Queue, to-dos, schedule and issues of one agent. */
        PipelineView: {
            agent_id: string;
            issues: components["schemas"]["IssuesView"];
            queue?: components["schemas"]["QueueView"] | null;
            scheduled?: components["schemas"]["ScheduledView"] | null;
            todos: components["schemas"]["TodosView"];
        };
        /**
         * @description What kind of place a failure happened at.
         * @enum {string}
         */
        PlaceKind: "action" | "task";
        PlanProgress: {
            /** Format: int32 */
            completed: number;
            /** Format: int32 */
            total: number;
        };
        PlanRevisionView: {
            /**
             * Format: date-time
             * @description `null` when only steps of it are known.
             */
            created_at?: string | null;
            goal?: string | null;
            progress: components["schemas"]["PlanProgress"];
            /** Format: int32 */
            revision: number;
            steps: components["schemas"]["PlanStepView"][];
        };
        /** @enum {string} */
        PlanStepState: "pending" | "started" | "completed" | "failed" | "skipped";
        PlanStepView: {
            /** @description Where the step stands: its latest action. */
            action: components["schemas"]["PlanStepState"];
            /**
             * Format: date-time
             * @description When it completed, failed or was skipped, if that is where it stands.
             */
            completed_at?: string | null;
            description?: string | null;
            /** Format: date-time */
            started_at?: string | null;
            /** Format: int32 */
            step_index: number;
            /** @description What the latest event of the step says. */
            summary?: string | null;
            /**
             * Format: int64
             * @description Sum over the step's events.
             */
            tokens?: number | null;
            /**
             * Format: int64
             * @description Sum over the step's events.
             */
            turns?: number | null;
        };
        /** @description The latest revision, and all of them, oldest first. */
        PlanView: components["schemas"]["PlanRevisionView"] & {
            revisions: components["schemas"]["PlanRevisionView"][];
        };
        /** @description Runs that ended, calls and failures in one bucket. */
        Point: components["schemas"]["DurationFigures"] & {
            /**
             * Format: double
             * @description US dollars.
             */
            cost: number;
            /**
             * Format: int64
             * @description Failures of tasks, actions and plan steps.
             */
            error_count: number;
            /** Format: int64 */
            llm_call_count: number;
            /** Format: int64 */
            tasks_completed: number;
            /** Format: int64 */
            tasks_failed: number;
            /**
             * Format: int64
             * @description Runs ended.
             */
            throughput: number;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description What a rule would have found. */
        PreviewView: {
            /** @description The first 50 of them. */
            alerts: components["schemas"]["AlertView"][];
            /**
             * Format: int64
             * @description Stored events that were looked at.
             */
            events: number;
            /**
             * Format: int64
             * @description How often it would have fired.
             */
            fired: number;
            /** @description `false` when there were too many events to go through them up to now. */
            is_complete: boolean;
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
        };
        /** @description A row of the table. */
        PriceView: components["schemas"]["Rates"] & {
            /** @description Whether it is the workspace's own. Those win. */
            is_own: boolean;
            matched?: components["schemas"]["Anchor"] | null;
            /** @description A model's name in lower case; in rows of the workspace's own `*` stands for any text. */
            pattern: string;
            source: components["schemas"]["Source"];
        };
        /** @description An agent of a project. */
        ProjectAgent: {
            /**
             * Format: date-time
             * @description When people put it there; `null` where they did not.
             */
            added_at?: string | null;
            agent_id: string;
            /** @description The rest is `null` when its events are gone. */
            agent_type?: string | null;
            /** @description Some of its events name the project. */
            by_events: boolean;
            derived_status?: string | null;
            environment?: string | null;
            group?: string | null;
            /** Format: date-time */
            last_seen?: string | null;
        };
        /** @description What to change; what is not given stays. An empty `description` or `environment` clears it. */
        ProjectEdit: {
            description?: string | null;
            environment?: string | null;
            is_archived?: boolean | null;
            /** @description For people; events go on naming the id. */
            name?: string | null;
        };
        ProjectView: {
            /** Format: int64 */
            agent_count: number;
            /** @description Ids of projects that were merged into it: their events count here. */
            aliases: string[];
            /** @description Made because an event named it. */
            auto_created: boolean;
            /**
             * Format: double
             * @description US dollars.
             */
            cost_24h: number;
            /** Format: date-time */
            created_at: string;
            description?: string | null;
            environment?: string | null;
            /** Format: int64 */
            event_count: number;
            is_archived: boolean;
            name: string;
            /** @description As events name it. */
            project_id: string;
            /** @description The same as `project_id`. */
            slug: string;
            /** Format: int64 */
            tasks_completed_24h: number;
            /** Format: int64 */
            tasks_failed_24h: number;
        };
        /** @description The latest snapshot of the queue. */
        QueueView: {
            /** Format: int64 */
            depth: number;
            /** @description As sent. */
            items: Record<string, never>[];
            /** Format: double */
            oldest_age_seconds?: number | null;
            /** @description As sent. */
            processing?: Record<string, never> | null;
            /**
             * Format: double
             * @description How old the snapshot is.
             */
            snapshot_age_seconds: number;
            /** Format: date-time */
            snapshot_at: string;
        };
        /** @description US dollars per million tokens. A kind without a price of its own costs what it is part of: input or output. */
        Rates: {
            /** Format: double */
            audio_input_per_million?: number | null;
            /** Format: double */
            audio_output_per_million?: number | null;
            /**
             * Format: double
             * @description Input written to a cache that keeps it for an hour.
             */
            cache_write_1h_per_million?: number | null;
            /**
             * Format: double
             * @description Input written to a cache that keeps it for five minutes, or for as long as the provider pleases.
             */
            cache_write_5m_per_million?: number | null;
            /**
             * Format: double
             * @description Input read from a cache.
             */
            cached_input_per_million?: number | null;
            /** Format: double */
            input_per_million: number;
            long_context?: components["schemas"]["LongContext"] | null;
            /** Format: double */
            output_per_million: number;
            /** Format: double */
            reasoning_per_million?: number | null;
        };
        /** @description Shape of [`Receipt`] for the API's document. */
        Receipt: {
            /** @description Stored, or stored already before. */
            accepted: number;
            errors: Record<string, never>[];
            rejected: number;
            warnings: Record<string, never>[];
        };
        RemovedPrice: {
            pattern: string;
        };
        /** @description How many deliveries wait again. */
        Resent: {
            resent: number;
        };
        /** @description What was done about a forgotten password, whether or not there is such an account. */
        ResetAsked: {
            message: string;
        };
        /** @description A stretch of steps in which something was tried again. */
        RetryStretch: {
            /** Format: int32 */
            attempts: number;
            from_step_id: string;
            /** @description What was tried again. */
            span_id: string;
            to_step_id: string;
        };
        /** @enum {string} */
        RoleName: "viewer" | "member" | "admin" | "owner";
        /** @description A key in the place of another; its secret is shown this once. */
        RotatedView: components["schemas"]["NewKeyView"] & {
            /** @description The old one, with when it stops. */
            replaces: components["schemas"]["KeyView"];
        };
        Rotation: {
            /**
             * Format: int32
             * @description How long the old key goes on, 0 to 720 hours; 24 when not given.
             */
            overlap_hours?: number | null;
        };
        /** @description A rule as people write it. */
        RuleDraft: {
            /** @description Ids of channels, 20 at most; the board always shows the alert. */
            channels?: string[];
            condition: components["schemas"]["Condition"];
            /**
             * Format: int64
             * @description After an alert is resolved, the same subject fires again no sooner than so many seconds later.
             */
            cooldown_seconds?: number;
            enabled?: boolean;
            /**
             * Format: int64
             * @description How long the condition must hold without a break before the rule fires.
             */
            for_seconds?: number;
            /**
             * Format: date-time
             * @description Until then alerts are kept and shown, and no channel hears of them; one that still fires then is told.
             */
            muted_until?: string | null;
            /** @description For people, 1 to 200 characters. */
            name: string;
            /** @description Whether the channels hear that it is over. */
            notify_resolved?: boolean;
            scope?: components["schemas"]["RuleScope"];
            severity: components["schemas"]["AlertSeverity"];
        };
        /** @description Where a rule looks. All that is given must match; without any, everywhere. */
        RuleScope: {
            agent_id?: string | null;
            agent_type?: string | null;
            environment?: string | null;
            group?: string | null;
            /** @description Of an agent's own conditions: agents that worked for the project. */
            project_id?: string | null;
            /** @description For conditions that look at runs. */
            task_type?: string | null;
        };
        /** @description A rule that is kept. */
        RuleView: components["schemas"]["RuleDraft"] & {
            /** @description Names of its channels, in their order; `null` for one that was deleted. */
            channel_names: (string | null)[];
            /** Format: date-time */
            created_at: string;
            /**
             * Format: int64
             * @description Alerts of it that fire now.
             */
            firing: number;
            rule_id: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description The latest report of the schedule. */
        ScheduledView: {
            /** @description As sent. */
            items: Record<string, never>[];
            /** Format: date-time */
            reported_at: string;
        };
        /** @enum {string} */
        ScopeName: "ingest" | "read" | "write";
        SeriesPoint: components["schemas"]["DurationFigures"] & {
            /** Format: double */
            cost?: number | null;
            /** Format: int64 */
            error_count: number;
            /** Format: int64 */
            event_count: number;
            /** Format: int64 */
            llm_call_count: number;
            /** Format: int64 */
            tasks_completed: number;
            /** Format: int64 */
            tasks_failed: number;
            /**
             * Format: int64
             * @description Runs ended.
             */
            throughput: number;
            /**
             * Format: date-time
             * @description Start of the slot.
             */
            timestamp: string;
        };
        /** @description A browser that is signed in. */
        SessionRow: {
            /** @description Where it was opened. */
            address?: string | null;
            /** Format: date-time */
            created_at: string;
            email?: string | null;
            /**
             * Format: date-time
             * @description When it ends unless it is used before.
             */
            expires_at: string;
            /** @description Whether this request came with it. */
            is_current: boolean;
            /**
             * Format: date-time
             * @description To within five minutes.
             */
            last_seen_at: string;
            /** @description Whose it is; `null` for whoever opened the board by its link, before it had an owner. */
            person_id?: string | null;
            session_id: string;
            /** @description What the browser calls itself. */
            user_agent?: string | null;
        };
        SessionView: {
            /** @description As given at start, for the commands that the first-run guide shows. */
            data_dir_hint?: string | null;
            /** @description Where clients send to: `endpoint` of `hiveloop.init`. */
            ingest_url: string;
            /** @description What is shown when a request does not say. */
            mode_default: string;
            /** @description What may be looked at: live, test. */
            modes: string[];
            /** @description Whether the board has no owner yet: POST /v1/setup makes one. */
            needs_owner: boolean;
            person?: components["schemas"]["PersonView"] | null;
            /** @description viewer, member, admin or owner; `null` for keys. */
            role?: string | null;
            server_version: string;
            workspace: components["schemas"]["Workspace"];
            /** @description The workspaces that a person may turn to. */
            workspaces: components["schemas"]["WorkspaceView"][];
        };
        /**
         * @description Ordered by how much it asks for attention, the least first.
         * @enum {string}
         */
        Severity: "info" | "warning" | "critical";
        /** @description One kind of tokens of a call. */
        Share: {
            /**
             * Format: double
             * @description US dollars.
             */
            cost: number;
            kind: components["schemas"]["TokenKind"];
            /**
             * Format: double
             * @description US dollars.
             */
            per_million: number;
            /** Format: int64 */
            tokens: number;
        };
        SignIn: {
            email: string;
            password: string;
            /**
             * Format: int32
             * @description Which workspace to open; the first one when not given.
             */
            workspace_id?: number | null;
        };
        /** @description Who is in now; the answer sets the session's cookie. */
        SignedIn: {
            email: string;
            name: string;
            person_id: string;
            /** Format: int32 */
            workspace_id: number;
        };
        /** @description Who keeps the figures. */
        Source: {
            /** @description The day on which they were taken. */
            as_of: string;
            name: string;
            version: string;
        };
        /** @enum {string} */
        SpanKind: "task" | "action" | "llm_call" | "approval" | "escalation" | "retry" | "plan" | "note";
        /** @enum {string} */
        SpanOutcome: "done" | "failed" | "open" | "unknown";
        /**
         * @description A stretch of a run, or a moment.
         *
         *     Spans are listed depth first, siblings by `(started_at, span_id)`: that is the order of every view, and who adds spans to a list
         *     finds their place by it.
         */
        SpanView: {
            /**
             * Format: int64
             * @description Which try this is of something that was tried again, from 1.
             */
            attempt?: number | null;
            /**
             * Format: double
             * @description Of a retry: the pause it announced.
             */
            backoff_ms?: number | null;
            /**
             * Format: int64
             * @description `seq` of the newest event known when the span was last found changed.
             */
            changed_seq: number;
            /**
             * Format: int32
             * @description Levels below the root.
             */
            depth: number;
            /**
             * Format: double
             * @description Of the end event; else from start to end.
             */
            duration_ms?: number | null;
            /**
             * Format: date-time
             * @description `null` while open or when it never ended. Of a retry: the end of its pause.
             */
            ended_at?: string | null;
            /** @description The events that made it, in order. */
            event_ids: string[];
            exception?: components["schemas"]["ExceptionSpan"] | null;
            human?: components["schemas"]["HumanSpan"] | null;
            kind: components["schemas"]["SpanKind"];
            llm?: components["schemas"]["LlmSpan"] | null;
            name: string;
            outcome: components["schemas"]["SpanOutcome"];
            /** @description `null` for the root alone. */
            parent_id?: string | null;
            /** @description Stable while the run grows: `run` for the root, an action's `action_id`, else the id of the event that opened it. */
            span_id: string;
            /** Format: date-time */
            started_at: string;
            /** @description What the agent said about it, in its own words. */
            summary?: string | null;
        };
        /**
         * @description Whose spending is added up.
         * @enum {string}
         */
        SpentBy: "agent" | "project" | "workspace";
        /** @description The value of each dimension asked for; `""` where calls have none. */
        SplitKeys: {
            agent?: string | null;
            environment?: string | null;
            model?: string | null;
            project?: string | null;
            task_type?: string | null;
            version?: string | null;
        };
        /**
         * @description What an agent was, as far as people who keep a fleet alive care.
         * @enum {string}
         */
        StateKind: "up" | "error" | "waiting" | "stuck" | "gone" | "unwatched";
        /** @description A stretch in one state. */
        StateSpanView: {
            agent_id: string;
            /**
             * Format: double
             * @description Until now while it lasts.
             */
            duration_seconds: number;
            /**
             * Format: date-time
             * @description `null` while it lasts.
             */
            ended_at?: string | null;
            /**
             * Format: date-time
             * @description By the server's clock, like `ended_at`.
             */
            started_at: string;
            state: components["schemas"]["StateKind"];
        };
        /** @description What the stretches in one state come to within the time asked for. */
        StateTotal: {
            /** Format: double */
            seconds: number;
            state: components["schemas"]["StateKind"];
            /** Format: int64 */
            times: number;
        };
        StemView: {
            /** Format: int32 */
            indent: number;
            span_id: string;
        };
        /**
         * @description How the story gets to a step from the one before.
         * @enum {string}
         */
        StepArrival: "rail" | "backoff" | "home";
        /** @enum {string} */
        StepShape: "start" | "action" | "llm_call" | "approval_asked" | "approval_answered" | "escalated" | "plan" | "note" | "running" | "completed" | "failed";
        /**
         * @description What a step is about, for its colour.
         * @enum {string}
         */
        StepTone: "work" | "llm" | "human" | "failure" | "plain";
        /** @description A node of the story: first `start`, then what happened in order of time, last `end`. */
        StepView: {
            /** @description The approval that the step asked for or answered. */
            approval_span_id?: string | null;
            arrives: components["schemas"]["StepArrival"];
            /**
             * Format: date-time
             * @description `null` for the last step of a run that has not ended: it is now.
             */
            at?: string | null;
            /** Format: double */
            backoff_ms?: number | null;
            failed: boolean;
            /**
             * Format: int32
             * @description 0 is the main line; each retry drops one further, at most to 3.
             */
            lane: number;
            name: string;
            shape: components["schemas"]["StepShape"];
            span_id: string;
            /** @description Nested work that hangs from the step, the first few of it. */
            stem: components["schemas"]["StemView"][];
            /**
             * Format: int32
             * @description How many nested spans the stem leaves out.
             */
            stem_hidden: number;
            /** @description `start`, `end`, a span's id, or that with `:answered`. */
            step_id: string;
            tone: components["schemas"]["StepTone"];
            /**
             * Format: date-time
             * @description Until when its own work lasted; `at` for a moment, `null` while open.
             */
            work_ended_at?: string | null;
        };
        StorageView: {
            /** @description What is damaged, and what became of it; empty when all is sound. */
            damaged: components["schemas"]["DamageView"][];
            /**
             * Format: int64
             * @description Of all files of the store, whoever's they are; logs included. Told to admins and owners of the server's first workspace alone.
             */
            disk_bytes?: number | null;
            /**
             * Format: int64
             * @description What the disk has left for the server; told to the same.
             */
            free_bytes?: number | null;
            /**
             * Format: int64
             * @description Events are refused when less than this is free.
             */
            free_space_floor_bytes: number;
            /** @description One entry a data mode that the caller may see. */
            modes: components["schemas"]["ModeStorage"][];
        };
        /** @description What an alert is about. Of one rule and one subject at most one alert is open. */
        Subject: {
            agent_id?: string | null;
            /** @enum {string} */
            kind: "scope";
            project_id?: string | null;
        } | {
            agent_id: string;
            /** @enum {string} */
            kind: "agent";
        } | {
            agent_id: string;
            /** @enum {string} */
            kind: "run";
            task_id: string;
            task_run_id: string;
        } | {
            agent_id: string;
            issue_id: string;
            /** @enum {string} */
            kind: "issue";
        } | {
            agent_id: string;
            item_id: string;
            /** @enum {string} */
            kind: "scheduled_item";
        } | {
            agent_id?: string | null;
            insight: string;
            /** @description Tells findings of one kind apart. */
            key: string;
            /** @enum {string} */
            kind: "insight";
            project_id?: string | null;
        };
        /**
         * @description State of a run.
         * @enum {string}
         */
        TaskStatus: "completed" | "failed" | "cancelled" | "stuck" | "waiting" | "escalated" | "processing";
        /** @description One run of a task. */
        TaskView: {
            /** Format: int32 */
            action_count: number;
            agent_id: string;
            agent_version?: string | null;
            /**
             * Format: int32
             * @description What of them went wrong by itself, each cause once, as `GET /v1/errors` counts: what failed because something inside of it did is left out. Failed plan steps count
             *     where nothing else failed.
             */
            cause_count: number;
            /**
             * Format: date-time
             * @description Of the latest end; `null` while the run is open.
             */
            completed_at?: string | null;
            correlation_id?: string | null;
            derived_status: components["schemas"]["TaskStatus"];
            /** Format: double */
            duration_ms: number;
            environment: string;
            /**
             * Format: int32
             * @description Failed actions, plan steps and the failed task itself.
             */
            error_count: number;
            /**
             * Format: double
             * @description The estimated part of `total_cost`.
             */
            estimated_cost?: number | null;
            exception_message?: string | null;
            /** @description Of the failure that ended it. */
            exception_type?: string | null;
            group: string;
            has_escalation: boolean;
            has_human_intervention: boolean;
            /** Format: date-time */
            last_event_at: string;
            /** Format: int32 */
            llm_call_count?: number | null;
            plan_progress?: components["schemas"]["PlanProgress"] | null;
            project_id?: string | null;
            /** Format: int32 */
            retry_count?: number | null;
            /**
             * Format: date-time
             * @description Of the run's first event.
             */
            started_at: string;
            /**
             * Format: date-time
             * @description By the agent's clock; of a stuck run by the server's.
             */
            status_since: string;
            task_id: string;
            /** @description `""` when the client sent none. */
            task_run_id: string;
            task_type?: string | null;
            /**
             * Format: double
             * @description Reported plus estimated, US dollars.
             */
            total_cost?: number | null;
            /** Format: int64 */
            total_tokens_in?: number | null;
            /** Format: int64 */
            total_tokens_out?: number | null;
            waiting?: components["schemas"]["WaitingView"] | null;
        };
        /** @description What a test came to. */
        Tested: {
            channel_id: string;
            channel_name: string;
            delivered: boolean;
            /** Format: int64 */
            duration_ms: number;
            /** @description Why it was not. */
            error?: string | null;
        };
        /**
         * @description Where the time of a run went, milliseconds. Each instant counts once: waiting for people before back-off before model calls before
         *     actions; what is left is `other_ms`. The parts add up to `total_ms`.
         */
        TimeBreakdown: {
            /** Format: double */
            actions_ms: number;
            /** Format: double */
            backoff_ms: number;
            /** Format: double */
            llm_ms: number;
            /** Format: double */
            other_ms: number;
            /** Format: double */
            total_ms: number;
            /** Format: double */
            waiting_ms: number;
        };
        TimelinePage: components["schemas"]["TimelineView"] & {
            /** @description Of `events`; everything else is about the whole run, and on the first page alone. */
            pagination: components["schemas"]["Pagination"];
        };
        /** @description The run's figures, its events in order, and what they add up to. */
        TimelineView: components["schemas"]["TaskView"] & {
            /** @description Like all that follows about the whole run, on the first page alone; with `after_seq` where anything changed. */
            action_tree: components["schemas"]["ActionNode"][];
            error_chains: components["schemas"]["ErrorChain"][];
            /** @description In order. With `after_seq`: those that arrived after it, by `seq`. */
            events: components["schemas"]["EventView"][];
            plan?: components["schemas"]["PlanView"] | null;
            /** @description With `after_seq`: spans that are no more. */
            removed_span_ids: string[];
            retry_stretches: components["schemas"]["RetryStretch"][];
            /** @description The newest runs of this agent's task, newest first; `/v1/tasks?task_id=` lists all. */
            runs: components["schemas"]["TaskView"][];
            /**
             * Format: int64
             * @description How many runs there are.
             */
            runs_total: number;
            /**
             * Format: int64
             * @description `seq` of the newest event of the run that this answer knows: what `after_seq` goes on from.
             */
            seq: number;
            /** @description The run as one tree, depth first. With `after_seq`: those that changed, unless `spans_complete`. */
            spans: components["schemas"]["SpanView"][];
            /** @description `spans` is all of them; otherwise those given replace or join the ones known. */
            spans_complete: boolean;
            /** @description The run told in order of time. */
            steps: components["schemas"]["StepView"][];
            time_breakdown: components["schemas"]["TimeBreakdown"];
        };
        TodoView: {
            /** @description The latest action; `created` when none was named. */
            action: string;
            context?: Record<string, never> | null;
            /** Format: date-time */
            created_at: string;
            due_by?: string | null;
            priority?: string | null;
            source?: string | null;
            summary?: string | null;
            todo_id: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description Active ones first, then by time, newest first. */
        TodosView: {
            /** Format: int64 */
            active_count: number;
            /** Format: int64 */
            completed_count: number;
            /**
             * Format: int64
             * @description Those that had to go because the agent has too many: closed ones first, the oldest first.
             */
            dropped_count: number;
            items: components["schemas"]["TodoView"][];
        };
        /**
         * @description What tokens are charged as. Every token counts as exactly one kind.
         * @enum {string}
         */
        TokenKind: "input" | "cached_input" | "cache_write_5m" | "cache_write_1h" | "audio_input" | "output" | "reasoning" | "audio_output";
        /** @description Sums over calls. Money in US dollars. */
        Totals: {
            /** Format: int64 */
            call_count: number;
            /**
             * Format: double
             * @description Reported plus estimated.
             */
            cost: number;
            /**
             * Format: double
             * @description The estimated part of it.
             */
            estimated_cost: number;
            /** Format: int64 */
            tokens_in: number;
            /** Format: int64 */
            tokens_out: number;
        };
        Turn: {
            /** Format: int32 */
            workspace_id: number;
        };
        UtcOffset: string;
        VersionView: components["schemas"]["DurationFigures"] & {
            /** Format: double */
            avg_cost_per_task?: number | null;
            /** Format: int64 */
            error_count: number;
            /** Format: double */
            escalation_rate?: number | null;
            /**
             * Format: date-time
             * @description Of the first run's first event.
             */
            first_seen: string;
            /** Format: date-time */
            last_seen: string;
            /** Format: double */
            success_rate?: number | null;
            /** Format: int64 */
            tasks_completed: number;
            /** Format: int64 */
            tasks_failed: number;
            /** Format: double */
            total_cost?: number | null;
            /** @description `null` for runs whose client named none. */
            version?: string | null;
        };
        ViewList: {
            data: components["schemas"]["ViewView"][];
        };
        ViewView: {
            /** Format: date-time */
            changed_at: string;
            changed_by: string;
            name: string;
            /** @description Path of the page, like `/tasks`. */
            page: string;
            /** @description What stands behind the `?` of its address. */
            query: string;
            view_id: string;
        };
        /** @description An approval that was asked for and is not given yet. */
        WaitingView: {
            /** @description Who was asked. */
            approver?: string | null;
            /** @description Of the request. */
            event_id: string;
            /** Format: date-time */
            since: string;
            /** @description What is to be approved, in the agent's words. */
            summary?: string | null;
        };
        Workspace: {
            /** Format: int32 */
            id: number;
            name: string;
        };
        WorkspaceChange: {
            /** @description `false` is strict: events that name a project which does not exist are rejected. */
            auto_create_projects?: boolean | null;
            /** @description 1 to 100 characters. */
            name?: string | null;
        };
        WorkspaceList: {
            data: components["schemas"]["WorkspaceView"][];
        };
        WorkspaceView: {
            /** @description Whether events make the projects that they name; `false` is strict: they are rejected. */
            auto_create_projects: boolean;
            /** @description Whether the session looks at it now. */
            is_current: boolean;
            name: string;
            /** @description What the caller is there. */
            role: string;
            /** Format: int32 */
            workspace_id: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_mcp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A message of the protocol (`initialize`, `tools/list`, `tools/call`, …), at most 256 KiB. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The answer to a request, as JSON-RPC. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A notification was heard. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not a message of the protocol, or of a version of it that is not known here. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description There is no such method, as JSON-RPC. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_otlp_v1_logs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `ExportLogsServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description `ExportLogsServiceResponse`, encoded as the request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_otlp_v1_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `ExportMetricsServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description `ExportMetricsServiceResponse`, encoded as the request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_otlp_v1_traces: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `ExportTraceServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description `ExportTraceServiceResponse`, encoded as the request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_account_password: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangedPassword"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordChanged"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_agents: {
        parameters: {
            query?: {
                /** @description Derived statuses, comma-separated. */
                status?: string;
                /** @description Of one type of agent. */
                agent_type?: string;
                /** @description That worked on a project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description Order; by attention when not given. */
                sort?: "attention" | "name" | "last_seen";
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AgentView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_agents_agent_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description Or `-`, with the id as the query parameter `agent_id`: for ids like `..` that no path can hold. */
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentDetailView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_agents_agent_id_pipeline: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description Or `-`, with the id as the query parameter `agent_id`: for ids like `..` that no path can hold. */
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_agents_agent_id_states: {
        parameters: {
            query?: {
                /** @description From this time on (RFC 3339), by the server's clock. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description Or `-`, with the id as the query parameter `agent_id`: for ids like `..` that no path can hold. */
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentStateView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_alerts: {
        parameters: {
            query?: {
                /** @description firing or resolved; both when not given. */
                state?: "firing" | "resolved";
                /** @description warning or critical, as its rule says. */
                severity?: "warning" | "critical";
                /** @description Whether somebody said that they look after it. */
                acknowledged?: boolean;
                /** @description Of one rule. */
                rule_id?: string;
                /** @description About one agent, or something of it. */
                agent_id?: string;
                /** @description About runs of one task. */
                task_id?: string;
                /** @description About one project. */
                project_id?: string;
                /** @description About one environment: of the agent or run it is about, or what its rule is narrowed to. */
                environment?: string;
                /** @description About one group of agents, in the same way. */
                group?: string;
                /** @description Fired from this time on (RFC 3339). */
                since?: string;
                /** @description Fired before this time (RFC 3339). */
                until?: string;
                /** @description Fired in the last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertPage"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_alerts_channels: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ChannelView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_alerts_channels: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChannel"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewChannelView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_alerts_channels_channel_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                channel_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_alerts_channels_channel_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                channel_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChannel"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewChannelView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_alerts_channels_channel_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                channel_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_alerts_channels_channel_id_test: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                channel_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tested"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_alerts_deliveries: {
        parameters: {
            query?: {
                /** @description `dead`: those that were given up. */
                status?: "waiting" | "delivered" | "dead";
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeliveryView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_alerts_history: {
        parameters: {
            query?: {
                /** @description firing or resolved; both when not given. */
                state?: "firing" | "resolved";
                /** @description warning or critical, as its rule says. */
                severity?: "warning" | "critical";
                /** @description Whether somebody said that they look after it. */
                acknowledged?: boolean;
                /** @description Of one rule. */
                rule_id?: string;
                /** @description About one agent, or something of it. */
                agent_id?: string;
                /** @description About runs of one task. */
                task_id?: string;
                /** @description About one project. */
                project_id?: string;
                /** @description About one environment: of the agent or run it is about, or what its rule is narrowed to. */
                environment?: string;
                /** @description About one group of agents, in the same way. */
                group?: string;
                /** @description Fired from this time on (RFC 3339). */
                since?: string;
                /** @description Fired before this time (RFC 3339). */
                until?: string;
                /** @description Fired in the last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertPage"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_alerts_rules: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RuleView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_alerts_rules: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleDraft"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_alerts_rules_preview: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleDraft"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_alerts_rules_rule_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_alerts_rules_rule_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleDraft"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_alerts_rules_rule_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_alerts_rules_rule_id_mute: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Mute"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_alerts_rules_rule_id_test: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tested"][];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_alerts_alert_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                alert_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_alerts_alert_id_acknowledge: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                alert_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_alerts_alert_id_resend: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                alert_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resent"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_api_keys: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_KeyView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_api_keys: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKeyView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_api_keys_key_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_api_keys_key_id_rotate: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rotation"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RotatedView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_audit: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description One kind of change, like `key.created`. */
                action?: string;
                /** @description Id, e-mail address or name of who did it. */
                actor?: string;
                /** @description What it was done to. */
                target?: string;
                /** @description From this time on (RFC 3339). */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description Counts for sessions of the board, which may look at either; the log is the workspace's. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AuditView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_cost: {
        parameters: {
            query?: {
                /** @description What to group by; by model when not given. */
                group_by?: "agent" | "model" | "agent_model" | "project" | "task_type" | "version" | "environment";
                /** @description Groups to tell apart, 1 to 1,000; 1,000 when not given. What the others come to stands in `other`. */
                limit?: number;
                /** @description Of one model. */
                model?: string;
                /** @description Of one task. */
                task_id?: string;
                /** @description Of one type of task. */
                task_type?: string;
                /** @description Of agents of one version, as they gave it. */
                version?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CostView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_cost_calls: {
        parameters: {
            query?: {
                /** @description Order; newest first when not given. */
                sort?: "newest" | "oldest" | "cost" | "tokens";
                /** @description Of one model. */
                model?: string;
                /** @description Of one task. */
                task_id?: string;
                /** @description Of one type of task. */
                task_type?: string;
                /** @description Of agents of one version, as they gave it. */
                version?: string;
                /** @description Text in name, model and previews, whatever its case and form; at most 200 characters. */
                q?: string;
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_CallView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_cost_explain: {
        parameters: {
            query: {
                /** @description The model call. */
                event_id: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExplainedCall"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_cost_timeseries: {
        parameters: {
            query?: {
                /** @description Width of a bucket; by range when not given. */
                interval?: "1m" | "5m" | "15m" | "1h" | "6h" | "1d";
                /** @description Whose days buckets of a day are: an IANA name (`Europe/Berlin`) or an offset (`+02:00`); UTC when not given. */
                timezone?: string;
                /** @description A series for each value of it. */
                split_by?: "agent" | "model" | "agent_model" | "project" | "task_type" | "version" | "environment";
                /** @description Series to tell apart, 1 to 1,000; 1,000 when not given. What the others come to is one more. */
                limit?: number;
                /** @description Of one model. */
                model?: string;
                /** @description Of one task. */
                task_id?: string;
                /** @description Of one type of task. */
                task_type?: string;
                /** @description Of agents of one version, as they gave it. */
                version?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CostSeries"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_errors: {
        parameters: {
            query?: {
                /** @description Text in type, message or place, whatever its case and form; at most 200 characters. */
                q?: string;
                /** @description Order; most often first when not given. */
                sort?: "often" | "last" | "new";
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ErrorView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_errors_error_id: {
        parameters: {
            query?: {
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description As lists and timelines name it. */
                error_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_events: {
        parameters: {
            query?: {
                /** @description Event types, comma-separated or repeated. */
                event_type?: string;
                /** @description Severities, comma-separated or repeated: debug, info, warn, error. */
                severity?: string;
                /** @description Payload kinds, well-known ones or the agents' own, comma-separated (`\,` is a comma in a kind) or repeated (each is one kind). */
                payload_kind?: string;
                /** @description Of one task. */
                task_id?: string;
                /** @description Of one run of a task. */
                task_run_id?: string;
                /** @description Of one piece of work across agents. */
                correlation_id?: string;
                /** @description Text in summaries and payloads, whatever its case and form (composed or decomposed); at most 200 characters. */
                q?: string;
                /** @description Leaves heartbeats out: true unless `event_type` names them. */
                exclude_heartbeats?: boolean;
                /** @description Only events after this one, oldest first. */
                after_seq?: number;
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_EventView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_export: {
        parameters: {
            query: {
                /** @description What to export. */
                of: "events" | "tasks" | "calls";
                /** @description As what; ndjson when not given. */
                format?: "ndjson" | "csv" | "parquet";
                /** @description Of one task. */
                task_id?: string;
                /** @description Of one type of task; tasks and calls. */
                task_type?: string;
                /** @description Of one model; calls. */
                model?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_ingest: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `{"envelope": {…}, "events": […]}`, optionally gzip or zstd; at most 500 events and 1 MiB. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_insights: {
        parameters: {
            query?: {
                /** @description Which kinds to look for, comma-separated or repeated; all when not given. */
                kinds?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InsightsView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_invitations: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_InvitationView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_invitations: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewInvitation"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvitationView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_invitations_accept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptedInvitation"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_invitations_open: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationToken"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenedInvitation"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_invitations_invitation_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                invitation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_llm_calls: {
        parameters: {
            query?: {
                /** @description Order; newest first when not given. */
                sort?: "newest" | "oldest" | "cost" | "tokens";
                /** @description Of one model. */
                model?: string;
                /** @description Of one task. */
                task_id?: string;
                /** @description Of one type of task. */
                task_type?: string;
                /** @description Of agents of one version, as they gave it. */
                version?: string;
                /** @description Text in name, model and previews, whatever its case and form; at most 200 characters. */
                q?: string;
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_CallView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DoorView"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_logs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `ExportLogsServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description `ExportLogsServiceResponse`, encoded as the request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_members: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MemberView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_members_person_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRole"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_members_person_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_metrics: {
        parameters: {
            query?: {
                /** @description Width of a bucket; by range when not given. */
                interval?: "1m" | "5m" | "15m" | "1h" | "6h" | "1d";
                /** @description What `groups` are sorted by; needs `group_by`. */
                metric?: "cost" | "tokens" | "tasks" | "duration";
                /** @description Adds `groups`. */
                group_by?: "agent" | "model" | "agent_model" | "project" | "task_type" | "version" | "environment";
                /** @description Groups to tell apart, 1 to 1,000; 1,000 when not given. What the others come to stands in `other`. */
                limit?: number;
                /** @description Whose days buckets of a day are: an IANA name (`Europe/Berlin`) or an offset (`+02:00`); UTC when not given. */
                timezone?: string;
                /** @description Of one type of task. */
                task_type?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MetricsView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `ExportMetricsServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description `ExportMetricsServiceResponse`, encoded as the request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_password_reset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPassword"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_password_reset_mail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForgottenPassword"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResetAsked"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_pipeline: {
        parameters: {
            query?: {
                /** @description Of agents that worked on a project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description How many agents, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PipelineView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_prices: {
        parameters: {
            query?: {
                /** @description Rows with this text in their pattern. */
                q?: string;
                /** @description Only the row that prices this model, as an agent would name it. */
                model?: string;
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PriceView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_prices_pattern: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description A model's name, or part of one with `*` for any text. */
                pattern: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rates"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PriceView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_prices_pattern: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description As it was set. */
                pattern: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovedPrice"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_pricing: {
        parameters: {
            query?: {
                /** @description Rows with this text in their pattern. */
                q?: string;
                /** @description Only the row that prices this model, as an agent would name it. */
                model?: string;
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PriceView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_pricing_pattern: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description A model's name, or part of one with `*` for any text. */
                pattern: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rates"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PriceView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_pricing_pattern: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description As it was set. */
                pattern: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovedPrice"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_projects: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_projects: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProject"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_projects_project_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description Or `-`, with the id as the query parameter `project_id`: for ids like `..` that no path can hold. */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_projects_project_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectEdit"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_projects_project_id: {
        parameters: {
            query?: {
                /** @description The project that its events count for from then on; `default` when not given. */
                into?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The project that its events count for now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_projects_project_id_agents: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectAgent"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_projects_project_id_agents: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProjectAgent"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectAgent"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_projects_project_id_agents_agent_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                project_id: string;
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectAgent"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_projects_project_id_archive: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_projects_project_id_merge: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeInto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_projects_project_id_unarchive: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_session: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_session: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Turn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_sessions: {
        parameters: {
            query?: {
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SessionRow"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_sessions_session_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionRow"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FirstOwner"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_states: {
        parameters: {
            query?: {
                /** @description Which states, comma-separated or repeated; `stuck` and `waiting` when not given. */
                state?: string;
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_StateSpanView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_storage: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_storage: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Kept"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_stream: {
        parameters: {
            query?: {
                /** @description The key, for clients that cannot set headers. */
                token?: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Frames are JSON text `{"type", "data"}`. */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_tasks: {
        parameters: {
            query?: {
                /** @description Derived statuses, comma-separated or repeated. */
                status?: string;
                /** @description Runs of one task. */
                task_id?: string;
                /** @description Of one type. */
                task_type?: string;
                /** @description Of one piece of work across agents. */
                correlation_id?: string;
                /** @description Text in task id, run id, type, agent, correlation id, the failure that ended it, or payloads of the newest 1,000 events that hold it, whatever its case and form; at most 200 characters. */
                q?: string;
                /** @description Order; newest first when not given. */
                sort?: "newest" | "oldest" | "duration" | "cost" | "tokens" | "errors";
                /** @description How many, 1 to 200; 50 when not given. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description Of one project. */
                project_id?: string;
                /** @description Of one agent. */
                agent_id?: string;
                /** @description Of one environment. */
                environment?: string;
                /** @description Of one group. */
                group?: string;
                /** @description From this time on (RFC 3339), by the events' timestamps. */
                since?: string;
                /** @description Before this time (RFC 3339). */
                until?: string;
                /** @description The last hour, six hours, …; instead of `since`. */
                range?: "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TaskView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_tasks_task_id_timeline: {
        parameters: {
            query?: {
                /** @description Which run; the latest when not given. */
                task_run_id?: string;
                /** @description Whose, where two agents share a task id; the latest when not given. */
                agent_id?: string;
                /** @description Where the page of events before ended; only runs of over 2,000 events have several. */
                cursor?: string;
                /** @description Only what arrived after this `seq`, and what changed by it: how a reader that shows the run follows it. */
                after_seq?: number;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                /** @description Or `-`, with the id as the query parameter `task_id`: for ids like `..` that no path can hold. */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimelinePage"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_traces: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `ExportTraceServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`. */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description `ExportTraceServiceResponse`, encoded as the request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_views: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewList"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_views: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewView"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_views_view_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                view_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_v1_workspaces: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceList"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    post_v1_workspaces: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWorkspace"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    put_v1_workspaces_workspace_id: {
        parameters: {
            query?: {
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                workspace_id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The body did not arrive in time; sending it again is safe. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_v1_workspaces_workspace_id: {
        parameters: {
            query: {
                /** @description The name of the workspace, to say that it is this one that is meant. */
                confirm: string;
                /** @description Whose data a session of the board looks at; keys have their own. */
                mode?: string;
            };
            header?: never;
            path: {
                workspace_id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceView"];
                };
            };
            /** @description A parameter or the body is wrong; what, is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No key or session, or one that is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key or the person may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Over the rate; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A fault of the server; its log has the cause under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The server cannot do this now; `Retry-After` says when to come back. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
}
