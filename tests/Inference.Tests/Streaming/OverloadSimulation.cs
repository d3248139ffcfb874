using EdgeAssist.Contracts;
using EdgeAssist.Inference.Streaming;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>
/// Calls that speak in turns against workers of a fixed speed, in steps of 10 ms of virtual time. Deterministic: the lengths of
/// turns come from a seeded generator.
/// </summary>
internal sealed class OverloadSimulation
{
    private const int StepMilliseconds = 10;
    private const double SecondsOfWorkPerSecond = 0.03;
    private static readonly float[] Audio = new float[12 * PcmFormat.SampleRate];

    private readonly Random _random = new(7);
    private readonly RecognitionDesk _desk;
    private readonly Speaker[] _speakers;
    private readonly (RecognitionJob Job, Instant Until)?[] _workers;
    private readonly List<RecognitionJob> _shed = [];
    private double _worked;

    /// <param name="calls">Two parties each, of which one speaks at a time.</param>
    /// <param name="workers">How many recognise.</param>
    /// <param name="limit">Finals that may wait.</param>
    public OverloadSimulation(int calls, int workers = 2, int limit = 256)
    {
        _desk = new RecognitionDesk(workers, limit, new LadderSettings());
        _speakers = [.. Enumerable.Range(0, calls).Select(_ => new Speaker { LeftMilliseconds = _random.Next(500, 6000) })];
        _workers = new (RecognitionJob, Instant)?[workers];
    }

    /// <summary>Calls whose finals take all the time of two workers: each speaks 1 s in 1.25 s.</summary>
    public static int CallsAt(double load) => (int)Math.Round(load * 2 / SecondsOfWorkPerSecond * 1.25);

    public Instant Now { get; private set; } = new(0);

    public AnalysisRung Rung => _desk.Rung;

    public double Pace => _desk.Pace(Now);

    public double AgentPace => _desk.AgentPace(Now);

    public TimeSpan Age => _desk.Age(Now);

    public List<AnalysisRung> Changes { get; } = [];

    public List<(Instant At, TimeSpan Lag, bool Agent)> Finals { get; } = [];

    public int Shed { get; private set; }

    public int Customers { get; private set; }

    /// <summary>How many times slower than usual the workers are.</summary>
    public double Slowness { get; set; } = 1;

    /// <summary>Share of the time that the workers have worked.</summary>
    public double Busy => _worked / (Now - new Instant(0)).TotalSeconds / _workers.Length;

    public TimeSpan OldestSeen { get; private set; }

    /// <summary>While true no worker gets on: another program has the machine.</summary>
    public bool Stalled { get; set; }

    public void Run(double seconds)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds); Now < end;)
        {
            Now += TimeSpan.FromMilliseconds(StepMilliseconds);
            Work();
            foreach (var speaker in _speakers) Speak(speaker);
            Observe();
            if (Age > OldestSeen) OldestSeen = Age;
        }
    }

    private void Speak(Speaker speaker)
    {
        speaker.LeftMilliseconds -= StepMilliseconds;
        if (speaker.Speaking)
        {
            speaker.SaidMilliseconds += StepMilliseconds;
            if (speaker.SaidMilliseconds - speaker.PartialMilliseconds >= 500 * (HasPartials(speaker) ? PaceOf(speaker.Agent) : 1)) Partial(speaker);
        }

        if (speaker.LeftMilliseconds > 0) return;
        if (speaker.Speaking) Final(speaker);
        speaker.Speaking = !speaker.Speaking;
        speaker.LeftMilliseconds = speaker.Speaking ? _random.Next(1000, 7000) : _random.Next(500, 1500);
        (speaker.SaidMilliseconds, speaker.PartialMilliseconds) = (0, 0);
    }

    private void Partial(Speaker speaker)
    {
        var audio = Length(speaker);
        speaker.PartialMilliseconds = speaker.SaidMilliseconds;
        if (!HasPartials(speaker))
        {
            _desk.Want(RecognitionJob.WorkOf(final: false, speaker.Agent), PcmFormat.Duration(audio), Now);
            return;
        }

        if (speaker.Partial is { } older) _desk.Withdraw(older);
        speaker.Partial = Job(audio, final: false, speaker.Agent);
        _desk.Submit(speaker.Partial, Now, _shed);
    }

    private void Final(Speaker speaker)
    {
        if (speaker.Partial is { } partial && !_desk.Withdraw(partial)) partial.Cancel();
        var agent = speaker.Agent;
        (speaker.Partial, speaker.Agent) = (null, !speaker.Agent);
        if (!agent) Customers++;
        var allowed = Rung < AnalysisRung.CustomerFinalsOnly || (Rung == AnalysisRung.CustomerFinalsOnly && !agent);
        var job = Job(Length(speaker), final: true, agent);
        if (allowed) _desk.Submit(job, Now, _shed);
        else _desk.Want(job.Work, job.Audio, Now);
    }

    private void Work()
    {
        if (Stalled) return;
        for (var i = 0; i < _workers.Length; i++)
        {
            if (_workers[i] is { } running && (Now >= running.Until || running.Job.Cancelled.IsCancellationRequested))
            {
                var whole = Now >= running.Until;
                _desk.Finished(running.Job, whole, Now);
                if (running.Job.Final) Finals.Add((Now, Now - running.Job.SubmittedAt, running.Job.Agent));
                _workers[i] = null;
            }

            if (_workers[i] is null && _desk.TryTake(Now, out var job)) _workers[i] = (job, Now + (job.Audio * SecondsOfWorkPerSecond * Slowness));
            if (_workers[i] is not null) _worked += StepMilliseconds / 1000.0;
        }
    }

    private void Observe()
    {
        if (_desk.Observe(Now, _shed)) Changes.Add(Rung);
        Shed += _shed.Count;
        _shed.Clear();
    }

    private RecognitionJob Job(int samples, bool final, bool agent) =>
        new(Audio.AsMemory(0, samples), final, Now, Now + TimeSpan.FromMilliseconds(400), _ => { }) { Agent = agent, Pace = final ? 1 : PaceOf(agent) };

    private double PaceOf(bool agent) => agent ? _desk.AgentPace(Now) : _desk.Pace(Now);

    private bool HasPartials(Speaker speaker) => Rung == AnalysisRung.Full && double.IsFinite(PaceOf(speaker.Agent));

    private static int Length(Speaker speaker) => Math.Min(speaker.SaidMilliseconds * PcmFormat.SamplesPerMillisecond, Audio.Length);

    private sealed class Speaker
    {
        public bool Agent { get; set; }

        public bool Speaking { get; set; }

        public int LeftMilliseconds { get; set; }

        public int SaidMilliseconds { get; set; }

        /// <summary>How much was said when a partial was last asked for.</summary>
        public int PartialMilliseconds { get; set; }

        public RecognitionJob? Partial { get; set; }
    }
}
