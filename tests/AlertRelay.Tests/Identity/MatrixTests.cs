using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Identity;

/// <summary>Every method of every service for every kind of caller, printed, against what it should be.</summary>
public sealed class MatrixTests(ITestOutputHelper output)
{
    // A allowed · d denied · h answered as if it did not exist · u not identified.
    // nobody, expired, forged, own agent, other agent, supervisor, other supervisor, admin, internal
    private static readonly (string Method, string Expected)[] Table =
    [
        ("Alerts.Watch", "uuuAAAAAd"),
        ("Alerts.List", "uuuAAAAAd"),
        ("Alerts.ListUnseen", "uuuAAAAAd"),
        ("Alerts.Get", "uuuAhAhAd"),
        ("Alerts.MarkShown", "uuuAhAhAd"),
        ("Alerts.Claim", "uuuddAhAd"),
        ("Alerts.Renew", "uuuddAhAd"),
        ("Alerts.Release", "uuuddAhAd"),
        ("Alerts.Escalate", "uuuddAhAd"),
        ("Alerts.Acknowledge", "uuuddAhAd"),
        ("Alerts.Annotate", "uuuddAhAd"),
        ("Alerts.Resolve", "uuuddAhAd"),
        ("Alerts.Dismiss", "uuuddAhAd"),
        ("Alerts.WhoWouldGet", "uuuddAdAd"),
        ("Silences.Create", "uuuddAdAd"),
        ("Silences.List", "uuuddAAAd"),
        ("Silences.End", "uuuddAhAd"),
        ("Calls.Watch", "uuuAAAAAd"),
        ("Calls.WatchWall", "uuuAAAAAd"),
        ("Calls.List", "uuuAAAAAd"),
        ("Calls.Get", "uuuAhAhAd"),
        ("Policies.Get", "uuuddAAAd"),
        ("Policies.Set", "uuuddddAd"),
        ("Policies.History", "uuuddddAd"),
        ("Policies.ListWouldBe", "uuuddddAd"),
        ("Policies.ListAudit", "uuuddddAd"),
        ("Assist.Watch", "uuuAAAAAd"),
        ("Assist.List", "uuuAhAhAd"),
        ("Assist.MarkShown", "uuuAhdhdd"),
        ("Assist.Accept", "uuuAhdhdd"),
        ("Assist.Dismiss", "uuuAhdhdd"),
        ("Assist.Snooze", "uuuAhdhdd"),
        ("Assist.ListEntries", "uuuAAAAAd"),
        ("Assist.SetEntryUse", "uuuddddAd"),
        ("Assist.SendMessage", "uuuddAhAd"),
        ("Assist.MarkRead", "uuuAhdhdd"),
        ("Measures.GetReport", "uuuddAAAd"),
        ("Measures.ListReports", "uuuddAAAd"),
        ("Measures.GetStoredReport", "uuuddhhhd"),
        ("Measures.ImportSatisfaction", "uuuddddAd"),
        ("Measures.GetDefinitions", "uuuddAAAd"),
        ("Readiness.Check", "uuuddddAd"),
        ("Readiness.GetProcessMap", "uuuddddAd"),
        ("Labelling.DrawSample", "uuuddddAd"),
        ("Labelling.ListSamples", "uuuddddAd"),
        ("Labelling.ListSample", "uuuddAAAd"),
        ("Labelling.Label", "uuuddAhAd"),
        ("CallScores.Publish", "uuudddddA"),
    ];

    [Fact]
    public async Task Nobody_may_do_what_they_should_not_and_everybody_may_do_what_they_should()
    {
        var described = new[] { V1.Alerts.Descriptor, V1.Silences.Descriptor, V1.Calls.Descriptor, V1.Policies.Descriptor, V1.Readiness.Descriptor, V1.Labelling.Descriptor, V1.Assist.Descriptor, V1.Measures.Descriptor, CallScores.Descriptor }
            .SelectMany(service => service.Methods.Select(method => $"{service.Name}.{method.Name}"));
        Assert.Equal(described.Order(), Table.Select(row => row.Method).Order());   // a new method needs a row

        using var directory = new TempDirectory();
        await using var server = await RelayServer.StartAsync(directory.Path);
        var invoker = server.Invoker();
        var callers = Callers(server);
        var sampled = await SampleAsync(server, invoker);
        output.WriteLine($"{"",-22}{string.Join(' ', callers.Select(caller => caller.Name))}");
        var wrong = new List<string>();
        foreach (var (method, expected) in Table)
        {
            var row = "";
            for (var i = 0; i < callers.Count; i++)
            {
                // A call, an alert and a silence of its own for every cell: one caller's act must not colour another's answer.
                var (callId, alertId) = method == "Labelling.Label" ? (sampled, "") : await OpenAsync(server);
                var silence = method == "Silences.End" ? await SilenceAsync(server, invoker) : "";
                row += method.StartsWith("Assist.", StringComparison.Ordinal)
                    ? await AskAssistAsync(server, invoker, method, callers[i].Headers, callId)
                    : await AskAsync(invoker, method, callers[i].Headers, callId, alertId, silence, expected[i] == 'A');
                if (row[i] != expected[i]) wrong.Add($"{method} for {callers[i].Name}: {row[i]} instead of {expected[i]}");
            }

            output.WriteLine($"{method,-22}{string.Join("  ", row.ToCharArray())}");
        }

        output.WriteLine($"{Table.Length * callers.Count} cells, {wrong.Count} wrong");
        Assert.Empty(wrong);
    }

    private static List<(string Name, Metadata Headers)> Callers(RelayServer server)
    {
        Principal supervisor = new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"] };
        var expired = new TokenAuthority(KeyFile.ReadOrMake(TokenAuthority.KeyPath(server.DataDirectory)).Key, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50)))
            .Issue(RelayServer.Admin, TimeSpan.FromHours(1));
        return
        [
            ("nobody", []),
            ("expired", new Metadata { { "authorization", "Bearer " + expired } }),
            ("forged", new Metadata { { "authorization", "Bearer " + server.Token()[..^4] + "AAAA" } }),
            ("own-agent", server.Headers(new Principal { Subject = "anna", Role = PrincipalRole.Agent })),
            ("other-agent", server.Headers(new Principal { Subject = "bert", Role = PrincipalRole.Agent })),
            ("supervisor", server.Headers(supervisor)),
            ("other-supervisor", server.Headers(supervisor with { Subject = "tom", Teams = ["sales"] })),
            ("admin", server.Headers()),
            ("internal", server.Headers(new Principal { Subject = "worker", Role = PrincipalRole.Internal })),
        ];
    }

    private static async Task<(string CallId, string AlertId)> OpenAsync(RelayServer server)
    {
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated, risk: 0.9), Patience.Normal);
        return (call.Value, server.Writer.State.Alerts.Values.Single(alert => alert.CallId == call.Value).AlertId);
    }

    // A call that ended and was drawn; labelling it again and again is allowed.
    private static async Task<string> SampleAsync(RelayServer server, CallInvoker invoker)
    {
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await server.Sink.PublishAsync(Say.Final(call, 1), Patience.Normal);
        await server.Sink.PublishAsync(Say.Ended(call), Patience.Normal);
        await new V1.Labelling.LabellingClient(invoker).DrawSampleAsync(Sample(), server.Headers());
        return call.Value;
    }

    private static V1.DrawSampleRequest Sample() => new()
    {
        SampleId = "s",
        Seed = "1",
        Since = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
        Until = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddYears(200)),
        MinDuration = new Duration(),
        UnalertedFraction = 1,
    };

    private static async Task<string> SilenceAsync(RelayServer server, CallInvoker invoker) =>
        (await new V1.Silences.SilencesClient(invoker).CreateAsync(Silence(), server.Headers())).SilenceId;

    // Over before anything is silenced that another cell needs.
    private static V1.CreateSilenceRequest Silence() => new()
    {
        RequestId = Guid.NewGuid().ToString("N"),
        Silence = new V1.Silence { Teams = { "billing" }, CallIds = { "no call" }, EndsAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddMinutes(1)) },
    };

    private static async Task<char> AskAsync(CallInvoker invoker, string method, Metadata headers, string callId, string alertId, string silenceId, bool letIn)
    {
        var (alerts, calls, silences) = (new V1.Alerts.AlertsClient(invoker), new V1.Calls.CallsClient(invoker), new V1.Silences.SilencesClient(invoker));
        var labelling = new V1.Labelling.LabellingClient(invoker);
        var policies = new V1.Policies.PoliciesClient(invoker);
        var measures = new V1.Measures.MeasuresClient(invoker);
        var act = new V1.AlertActionRequest { AlertId = alertId, RequestId = Guid.NewGuid().ToString("N"), Reason = "a test" };
        var options = new CallOptions(headers, cancellationToken: Patience.Normal);
        try
        {
            switch (method)
            {
                case "Alerts.Watch": await FirstAsync(alerts.Watch(new V1.WatchAlertsRequest(), options)); break;
                case "Alerts.List": await alerts.ListAsync(new V1.ListAlertsRequest(), options); break;
                case "Alerts.ListUnseen": await alerts.ListUnseenAsync(new V1.ListUnseenRequest(), options); break;
                case "Alerts.Get": await alerts.GetAsync(new V1.GetAlertRequest { AlertId = alertId }, options); break;
                case "Alerts.MarkShown": await alerts.MarkShownAsync(new V1.MarkShownRequest { AlertIds = { alertId } }, options); break;
                case "Alerts.Claim": await alerts.ClaimAsync(act, options); break;
                case "Alerts.Renew": await alerts.RenewAsync(act, options); break;
                case "Alerts.Release": await alerts.ReleaseAsync(act, options); break;
                case "Alerts.Escalate": await alerts.EscalateAsync(act, options); break;
                case "Alerts.Acknowledge": await alerts.AcknowledgeAsync(act, options); break;
                case "Alerts.Annotate": await alerts.AnnotateAsync(new V1.AnnotateAlertRequest { AlertId = alertId, RequestId = act.RequestId, Note = "n" }, options); break;
                case "Alerts.Resolve": await alerts.ResolveAsync(act, options); break;
                case "Alerts.Dismiss": await alerts.DismissAsync(act, options); break;
                case "Alerts.WhoWouldGet": await alerts.WhoWouldGetAsync(new V1.WhoWouldGetRequest { Team = "billing" }, options); break;
                case "Silences.Create": await silences.CreateAsync(Silence(), options); break;
                case "Silences.List": await silences.ListAsync(new V1.ListSilencesRequest(), options); break;
                case "Silences.End": await silences.EndAsync(new V1.EndSilenceRequest { RequestId = act.RequestId, SilenceId = silenceId }, options); break;
                case "Calls.Watch": await FirstAsync(calls.Watch(new V1.WatchCallsRequest(), options)); break;
                case "Calls.WatchWall": await FirstAsync(calls.WatchWall(new V1.WatchWallRequest(), options)); break;
                case "Calls.List": await calls.ListAsync(new V1.ListCallsRequest(), options); break;
                case "Policies.Get": await policies.GetAsync(new V1.GetPolicyRequest(), options); break;
                case "Policies.Set": await policies.SetAsync(new V1.SetPolicyRequest { Team = "nobody's", Mode = V1.PolicyMode.Assist, Reason = "a test", RequestId = act.RequestId }, options); break;
                case "Policies.History": await policies.HistoryAsync(new V1.PolicyHistoryRequest(), options); break;
                case "Policies.ListWouldBe": await policies.ListWouldBeAsync(new V1.ListWouldBeRequest(), options); break;
                case "Policies.ListAudit": await policies.ListAuditAsync(new V1.ListAuditRequest(), options); break;
                case "Measures.GetReport": await measures.GetReportAsync(new V1.GetReportRequest { From = "2026-01-01", To = "2026-02-01" }, options); break;
                case "Measures.ListReports": await measures.ListReportsAsync(new V1.ListReportsRequest(), options); break;
                case "Measures.GetStoredReport": await measures.GetStoredReportAsync(new V1.GetStoredReportRequest { Name = "../journal" }, options); break;
                case "Measures.ImportSatisfaction":
                    await measures.ImportSatisfactionAsync(new V1.ImportSatisfactionRequest { File = Google.Protobuf.ByteString.CopyFromUtf8("call_id,score\n"), Lowest = 1, Highest = 5 }, options);
                    break;
                case "Measures.GetDefinitions": await measures.GetDefinitionsAsync(new V1.GetDefinitionsRequest(), options); break;
                case "Readiness.Check": await new V1.Readiness.ReadinessClient(invoker).CheckAsync(new V1.CheckReadinessRequest(), options); break;
                case "Readiness.GetProcessMap": await new V1.Readiness.ReadinessClient(invoker).GetProcessMapAsync(new V1.GetProcessMapRequest(), options); break;
                case "Labelling.DrawSample": await labelling.DrawSampleAsync(Sample(), options); break;
                case "Labelling.ListSamples": await labelling.ListSamplesAsync(new V1.ListSamplesRequest(), options); break;
                case "Labelling.ListSample": await labelling.ListSampleAsync(new V1.ListSampleRequest { SampleId = "s" }, options); break;
                case "Labelling.Label": await labelling.LabelAsync(new V1.LabelRequest { SampleId = "s", CallId = callId, Verdict = V1.LabelVerdict.Fine, RequestId = act.RequestId }, options); break;
                case "Calls.Get": await calls.GetAsync(new V1.GetCallRequest { CallId = callId }, options); break;
                default: await PublishAsync(new CallScores.CallScoresClient(invoker).Publish(options), letIn); break;
            }

            return 'A';
        }
        catch (RpcException answer)
        {
            return Cell(answer);
        }
    }

    private static async Task<char> AskAssistAsync(RelayServer server, CallInvoker invoker, string method, Metadata headers, string callId)
    {
        var assist = new V1.Assist.AssistClient(invoker);
        var options = new CallOptions(headers, cancellationToken: Patience.Normal);
        var act = new V1.PromptActionRequest { PromptId = server.Writer.State.Assists[callId].Prompts.Single().PromptId, RequestId = Guid.NewGuid().ToString("N") };
        var entry = (await assist.ListEntriesAsync(new V1.ListEntriesRequest(), server.Headers())).Entries[0];
        try
        {
            switch (method)
            {
                case "Assist.Watch": await FirstAsync(assist.Watch(new V1.WatchAssistRequest(), options)); break;
                case "Assist.List": await assist.ListAsync(new V1.ListPromptsRequest { CallId = callId }, options); break;
                case "Assist.MarkShown": await assist.MarkShownAsync(act, options); break;
                case "Assist.Accept": await assist.AcceptAsync(act, options); break;
                case "Assist.Dismiss": await assist.DismissAsync(act, options); break;
                case "Assist.Snooze": await assist.SnoozeAsync(new V1.SnoozePromptRequest { PromptId = act.PromptId, RequestId = act.RequestId }, options); break;
                case "Assist.ListEntries": await assist.ListEntriesAsync(new V1.ListEntriesRequest(), options); break;
                case "Assist.SetEntryUse":
                    await assist.SetEntryUseAsync(new V1.SetEntryUseRequest { EntryId = entry.EntryId, EntryVersion = entry.Version, RequestId = act.RequestId, Use = V1.EntryUse.Kept, Reason = "a test" }, options);
                    break;
                case "Assist.SendMessage": await assist.SendMessageAsync(new V1.SendMessageRequest { CallId = callId, RequestId = act.RequestId, Text = "a test" }, options); break;
                default:
                    var sent = await assist.SendMessageAsync(new V1.SendMessageRequest { CallId = callId, RequestId = act.RequestId, Text = "a test" }, server.Headers());
                    await assist.MarkReadAsync(new V1.MarkReadRequest { MessageId = sent.MessageId }, options);
                    break;
            }

            return 'A';
        }
        catch (RpcException answer)
        {
            return Cell(answer);
        }
    }

    private static char Cell(RpcException answer) => answer.StatusCode switch
    {
        StatusCode.Unauthenticated => 'u',
        StatusCode.PermissionDenied => 'd',
        StatusCode.NotFound => 'h',
        StatusCode.FailedPrecondition => 'A',   // let in; the alert is not in a state for it
        _ => '?',
    };

    private static async Task FirstAsync<T>(AsyncServerStreamingCall<T> call)
    {
        using (call) await call.NextAsync(Patience.Normal);
    }

    // Who is let in says nothing and is answered with nothing; to who is not, nothing is sent: the stream is reset under the writer's hands.
    private static async Task PublishAsync(AsyncDuplexStreamingCall<PublishRequest, PublishReceipt> publish, bool letIn)
    {
        using (publish)
        {
            if (letIn) await publish.RequestStream.CompleteAsync();
            await publish.ResponseStream.MoveNext(Patience.Normal);
        }
    }
}
