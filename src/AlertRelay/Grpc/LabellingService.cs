using System.Security.Cryptography;
using EdgeAssist.AlertRelay.Baseline;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Labelling;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.State;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Labelling</c>.</summary>
internal sealed class LabellingService(RelayRuntime runtime) : V1.Labelling.LabellingBase
{
    private const int MaxId = 64, MaxSeed = 200, MaxTeams = 100, MaxReason = 1000, DefaultPage = 20, MaxPage = 100, MaxFrame = 1_000_000;
    private static readonly TimeSpan DefaultMinDuration = TimeSpan.FromSeconds(15);

    public override async Task<V1.Sample> DrawSample(V1.DrawSampleRequest request, ServerCallContext context)
    {
        var caller = Caller.OfAdmin(context);
        Check(request);
        if (runtime.Labels.Find(request.SampleId) is { } earlier) return Same(request, earlier);

        var sample = new V1.Sample
        {
            SampleId = request.SampleId,
            Seed = request.Seed.Length > 0 ? request.Seed : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            DrawnAt = Timestamp.FromDateTimeOffset(runtime.Table.Time.GetUtcNow()),
            DrawnBy = caller.Principal.Subject,
            Teams = { request.Teams },
            Since = request.Since,
            Until = request.Until,
            MinDuration = request.MinDuration ?? Duration.FromTimeSpan(DefaultMinDuration),
            Mode = request.Mode,
            Unalerted = new V1.Stratum { Fraction = request.UnalertedFraction },
            Alerted = new V1.Stratum { Fraction = request.AlertedFraction },
        };
        var frame = await FrameAsync(sample, context.CancellationToken);
        var drawn = SamplePlan.Draw(sample.Seed, frame, request.UnalertedFraction, request.AlertedFraction);
        foreach (var call in frame) (call.Alerted ? sample.Alerted : sample.Unalerted).Frame++;
        foreach (var (call, _) in drawn) (call.Alerted ? sample.Alerted : sample.Unalerted).Drawn++;
        if (drawn.Count == 0) throw RelayStatus.From(new State.StepAnswer(State.StepVerdict.DoesNotFit, Why: "No call of that time and those teams fits: there is nothing to draw from."));

        if (!runtime.Labels.Keep(sample, request, drawn)) return Same(request, runtime.Labels.Find(request.SampleId)!.Value);
        runtime.Audit.Add(new AuditAct(caller.Principal.Subject, "sample")
        {
            Team = string.Join(", ", request.Teams),
            Detail = $"{sample.SampleId}: {sample.Unalerted.Drawn} of {sample.Unalerted.Frame} un-alerted and {sample.Alerted.Drawn} of {sample.Alerted.Frame} alerted calls",
        });
        return sample;
    }

    public override Task<V1.ListSamplesResponse> ListSamples(V1.ListSamplesRequest request, ServerCallContext context)
    {
        Caller.OfAdmin(context);
        return Task.FromResult(new V1.ListSamplesResponse { Samples = { runtime.Labels.Samples() } });
    }

    public override async Task<V1.ListSampleResponse> ListSample(V1.ListSampleRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        var size = request.PageSize switch
        {
            0 => DefaultPage,
            < 0 or > MaxPage => throw RelayStatus.Invalid($"page_size is {request.PageSize}; 1 to {MaxPage} fit, 0 stands for {DefaultPage}."),
            _ => request.PageSize,
        };
        var after = request.PageToken.Length == 0 ? -1 : Paging.Read(request.PageToken);
        var mine = Mine(request.SampleId, caller);
        var labels = runtime.Labels.LabelsOf(request.SampleId, caller.Principal.Subject);
        var page = mine.Where(drawn => drawn.Position > after && !(request.UnlabelledOnly && labels.ContainsKey(drawn.Call.CallId))).Take(size).ToList();

        var response = new V1.ListSampleResponse { Total = mine.Count, Labelled = mine.Count(drawn => labels.ContainsKey(drawn.Call.CallId)) };
        foreach (var drawn in page) response.Calls.Add(await ShowAsync(drawn.Call, labels.GetValueOrDefault(drawn.Call.CallId), context.CancellationToken));
        if (page.Count == size) response.NextPageToken = Paging.Write(page[^1].Position);
        return response;
    }

    public override Task<V1.CallLabel> Label(V1.LabelRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Limits.CheckRequestId(request.RequestId);
        Limits.Check(nameof(request.Reason), request.Reason, MaxReason);
        if (request.Verdict is V1.LabelVerdict.Unspecified or > V1.LabelVerdict.CannotTell) throw RelayStatus.Invalid("There is no verdict in the request.");
        if (request.Verdict != V1.LabelVerdict.Fine && string.IsNullOrWhiteSpace(request.Reason)) throw RelayStatus.Invalid($"The verdict {request.Verdict} needs a reason.");
        if (request.At is not null && (request.Verdict != V1.LabelVerdict.ShouldAlert || request.At.ToTimeSpan() < TimeSpan.Zero))
            throw RelayStatus.Invalid("A moment belongs to SHOULD_ALERT, and is not negative.");

        var key = RequestKeys.Of(caller.Principal.Subject, request.RequestId);
        if (runtime.Labels.Remembered(key) is { } earlier) return Task.FromResult(SameLabel(request, earlier));
        if (Mine(request.SampleId, caller).Where(drawn => drawn.Call.CallId == request.CallId).ToList() is not [var drawn])
            throw RelayStatus.NotFound($"There is no call {request.CallId} in the sample {request.SampleId}, or it is out of your scope.");

        runtime.Labels.Add(new V1.CallLabel
        {
            SampleId = request.SampleId,
            CallId = request.CallId,
            Labeller = caller.Principal.Subject,
            Verdict = request.Verdict,
            Reason = request.Reason,
            LabelledAt = Timestamp.FromDateTimeOffset(runtime.Table.Time.GetUtcNow()),
            At = request.At,
            Team = drawn.Call.Team,
        }, key);
        runtime.Audit.Add(new AuditAct(caller.Principal.Subject, "label") { Team = drawn.Call.Team, CallId = request.CallId, Detail = $"{request.Verdict} in {request.SampleId}" });
        return Task.FromResult(SameLabel(request, runtime.Labels.Remembered(key)!));
    }

    private static void Check(V1.DrawSampleRequest request)
    {
        if (request.SampleId.Length is 0 or > MaxId || !request.SampleId.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            throw RelayStatus.Invalid($"sample_id is «{request.SampleId}»; 1 to {MaxId} letters, digits, dots, dashes and underscores fit.");
        Limits.Check(nameof(request.Seed), request.Seed, MaxSeed);
        Limits.Check("teams", request.Teams.Count, MaxTeams);
        if (request.Since is null || request.Until is null || request.Since.ToDateTimeOffset() >= request.Until.ToDateTimeOffset())
            throw RelayStatus.Invalid("A sample needs since and until, the later behind the earlier.");
        if (request.UnalertedFraction is not (> 0 and <= 1)) throw RelayStatus.Invalid($"unalerted_fraction is {request.UnalertedFraction}; above 0 to 1 fit.");
        if (request.AlertedFraction is not (>= 0 and <= 1)) throw RelayStatus.Invalid($"alerted_fraction is {request.AlertedFraction}; 0 to 1 fit.");
    }

    private static V1.Sample Same(V1.DrawSampleRequest request, (V1.Sample Sample, V1.DrawSampleRequest Asked) earlier) => earlier.Asked.Equals(request)
        ? earlier.Sample
        : throw RelayStatus.Invalid($"The sample {request.SampleId} was drawn for something else. A sample is drawn once; choose another name.", "REQUEST_ID_REUSED");

    private static V1.CallLabel SameLabel(V1.LabelRequest request, V1.CallLabel kept) =>
        (kept.SampleId, kept.CallId, kept.Verdict) == (request.SampleId, request.CallId, request.Verdict)
            ? kept
            : throw RelayStatus.Invalid($"The request id {request.RequestId} was used for another label. Make a new one for each.", "REQUEST_ID_REUSED");

    private List<DrawnCall> Mine(string sampleId, Caller caller)
    {
        if (runtime.Labels.Find(sampleId) is null) throw RelayStatus.NotFound($"There is no sample {sampleId}.");
        return [.. runtime.Labels.Drawn(sampleId).Where(drawn => caller.Principal.Covers(drawn.Call.Team, ""))];
    }

    private async Task<List<FrameCall>> FrameAsync(V1.Sample sample, CancellationToken cancellationToken)
    {
        var journal = runtime.Table.Journal;
        var frame = new List<FrameCall>();
        await foreach (var call in ObservedCalls.ReadAsync(
            journal.ReadAsync, journal.Epoch, journal.Oldest, sample.Since.ToDateTimeOffset(), sample.Until.ToDateTimeOffset(), cancellationToken))
        {
            if (sample.Teams.Count > 0 && !sample.Teams.Contains(call.Info.Team)) continue;
            if (sample.Mode != V1.PolicyMode.Unspecified && (call.Info.Mode == V1.PolicyMode.Observe) != (sample.Mode == V1.PolicyMode.Observe)) continue;
            if (LeftOut(call, sample) is { } why)
            {
                sample.LeftOut[why] = sample.LeftOut.GetValueOrDefault(why) + 1;
                continue;
            }

            if (frame.Count == MaxFrame) throw RelayStatus.Invalid($"The frame holds more than {MaxFrame} calls. Choose a shorter time.");
            frame.Add(new FrameCall(call.Info.CallId, call.Info.Team, call.Alerts.Count > 0, call.StartedAt));
        }

        return frame;
    }

    private static string? LeftOut(ObservedCall call, V1.Sample sample) =>
        call.Info.ModeChanged ? "mode_changed"
        : call.Duration < sample.MinDuration.ToTimeSpan() ? "too_short"
        : call.Finals.Count == 0 ? "no_words"
        : null;

    private async Task<V1.SampledCall> ShowAsync(FrameCall call, V1.CallLabel? label, CancellationToken cancellationToken)
    {
        var shown = new V1.SampledCall { CallId = call.CallId, Team = call.Team, Label = label };
        var journal = runtime.Table.Journal;
        if (ObservedCalls.Of(await journal.ReadCallAsync(call.CallId, cancellationToken), journal.Epoch) is not { } observed) return shown;   // forgotten by now
        shown.StartedAt = observed.Info.StartedAt;
        shown.Duration = Duration.FromTimeSpan(observed.Duration);
        shown.Transcript.AddRange(observed.Finals);
        shown.Gaps.AddRange(observed.Gaps);
        return shown;
    }
}
