using EdgeAssist.Contracts;
using EdgeAssist.Inference.Diagnostics;
using EdgeAssist.Inference.Streaming;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>One worker, held up by the first job, so that the order of the others is theirs alone.</summary>
public sealed class RecognitionSchedulerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestMeters _meters = new();
    private readonly MeasuringRecognizer _recognizer = new();
    private readonly SemaphoreSlim _entered = new(0);
    private readonly SemaphoreSlim _leave = new(0);
    private readonly List<RecognitionJob> _jobs = [];

    public RecognitionSchedulerTests() => _recognizer.During = (_, token) =>
    {
        _entered.Release();
        Assert.True(_leave.Wait(TimeSpan.FromSeconds(10), token));
    };

    [Fact]
    public async Task Finals_go_before_partials_and_the_earliest_deadline_first()
    {
        using var scheduler = Scheduler();
        await HoldUpAsync(scheduler);

        var partial = Submit(scheduler, milliseconds: 1, final: false, deadline: 0);
        Submit(scheduler, milliseconds: 2, final: true, deadline: 900);
        Submit(scheduler, milliseconds: 3, final: true, deadline: 300);
        _leave.Release(10);
        await partial.Done;

        Assert.Equal([1000, 3, 2, 1], _recognizer.Heard);
    }

    [Fact]
    public async Task A_withdrawn_job_is_never_run()
    {
        using var scheduler = Scheduler();
        await HoldUpAsync(scheduler);
        var partial = Submit(scheduler, milliseconds: 1, final: false, deadline: 0);
        var last = Submit(scheduler, milliseconds: 2, final: false, deadline: 5);

        Assert.True(scheduler.TryWithdraw(partial.Job));
        _leave.Release(10);
        await last.Done;

        Assert.Equal([1000, 2], _recognizer.Heard);
        Assert.False(scheduler.TryWithdraw(last.Job));
    }

    [Fact]
    public async Task A_running_partial_makes_room_for_a_final()
    {
        using var scheduler = Scheduler();
        var partial = Submit(scheduler, milliseconds: 1, final: false, deadline: 0);
        await Entered();

        var final = Submit(scheduler, milliseconds: 2, final: true, deadline: 400);
        await partial.Done;
        _leave.Release(10);
        await final.Done;

        Assert.Equal((JobOutcome.Cancelled, JobOutcome.Recognised), (partial.Job.Outcome, final.Job.Outcome));
    }

    [Fact]
    public async Task A_full_queue_sheds_the_oldest_final()
    {
        using var scheduler = Scheduler(limit: 2);
        await HoldUpAsync(scheduler);
        var oldest = Submit(scheduler, milliseconds: 1, final: true, deadline: 400);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Submit(scheduler, milliseconds: 2, final: true, deadline: 400);
        var newest = Submit(scheduler, milliseconds: 3, final: true, deadline: 400);

        await oldest.Done;
        _leave.Release(10);
        await newest.Done;

        Assert.Equal(JobOutcome.Shed, oldest.Job.Outcome);
        Assert.Equal([1000, 2, 3], _recognizer.Heard);
    }

    [Fact]
    public async Task The_rung_falls_with_the_age_of_the_queue_and_recovers_with_it()
    {
        using var scheduler = Scheduler();
        await HoldUpAsync(scheduler);
        var waiting = Submit(scheduler, milliseconds: 2, final: true, deadline: 400);
        _time.Advance(TimeSpan.FromMilliseconds(1600));
        Assert.Equal((AnalysisRung.CustomerFinalsOnly, TimeSpan.FromMilliseconds(1600)), (scheduler.Rung, scheduler.Age));

        _leave.Release(10);
        await waiting.Done;
        var rungs = new List<AnalysisRung>();
        for (var i = 0; i < 24; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            rungs.Add(scheduler.Rung);
        }

        Assert.Equal([AnalysisRung.CustomerFinalsOnly, AnalysisRung.NoPartials, AnalysisRung.Full], rungs.Distinct());
    }

    [Fact]
    public async Task What_waits_when_the_workers_stop_comes_back_as_cancelled()
    {
        var scheduler = Scheduler();
        await HoldUpAsync(scheduler);
        var waiting = Submit(scheduler, milliseconds: 2, final: true, deadline: 400);

        scheduler.Dispose();
        await waiting.Done;
        var late = Submit(scheduler, milliseconds: 3, final: true, deadline: 400);
        await late.Done;

        Assert.Equal((JobOutcome.Cancelled, JobOutcome.Cancelled), (waiting.Job.Outcome, late.Job.Outcome));
    }

    public void Dispose()
    {
        foreach (var job in _jobs) job.Dispose();
        _entered.Dispose();
        _leave.Dispose();
        _meters.Dispose();
    }

    private RecognitionScheduler Scheduler(int limit = 64) =>
        new(_recognizer, workers: 1, limit, new LadderSettings(), _time, new InferenceMetrics(_meters), NullLogger.Instance);

    private async Task HoldUpAsync(RecognitionScheduler scheduler)
    {
        Submit(scheduler, milliseconds: 1000, final: true, deadline: 0);
        await Entered();
    }

    private async Task Entered() => Assert.True(await _entered.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

    private (RecognitionJob Job, Task Done) Submit(RecognitionScheduler scheduler, int milliseconds, bool final, int deadline)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var now = Instant.Now(_time);
        var job = new RecognitionJob(new float[milliseconds * PcmFormat.SamplesPerMillisecond], final, now, now + TimeSpan.FromMilliseconds(deadline), _ => done.SetResult());
        _jobs.Add(job);
        scheduler.Submit(job);
        return (job, done.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }
}
