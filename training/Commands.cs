using System.CommandLine;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Escalation;
using EdgeAssist.Training.Text;
using EdgeAssist.Training.Voice;

namespace EdgeAssist.Training;

/// <summary>The command line: one command trains, one measures, one answers for a sentence.</summary>
internal static class Commands
{
    private static readonly Option<string> Data = new("--data") { Description = "Folder of the shared data sets.", DefaultValueFactory = _ => "../shared/data" };
    private static readonly Option<string> Model = new("--model") { Description = "Text model, by its name in the manifest.", DefaultValueFactory = _ => TextSentiments.Default };
    private static readonly Option<int> Calls = new("--calls") { Description = "Generated calls of each side, train and test.", DefaultValueFactory = _ => 500 };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "Seed of every draw.", DefaultValueFactory = _ => 1 };

    public static RootCommand Root() => new("Trains and measures EdgeAssist's own models.")
    {
        TextTrain(), TextExamples(), TextHeard(), TextStatesOf(), TextEval(), TextScore(), TextTimeOf(), EscalationEval(), EscalationFit(), Voice(), Eval(),
    };

    private static Command TextTrain()
    {
        var folder = new Option<string>("--out") { Description = "Folder the model is written to.", Required = true };
        var command = new Command("text", "Trains the text model and writes model.onnx and features.vocab.") { Data, Seed, folder };
        OnData(command, (result, data) =>
        {
            var (seed, target) = (result.GetRequiredValue(Seed), result.GetRequiredValue(folder));
            var model = TextRecipe.Run(TextRecipe.Examples(data, seed), new TextTrainerOptions(), TextRecipe.Features, seed, Console.WriteLine);
            Directory.CreateDirectory(target);
            File.WriteAllBytes(Path.Combine(target, "model.onnx"), model.Graph);
            File.WriteAllBytes(Path.Combine(target, "features.vocab"), model.Vocabulary.ToBytes());
            Console.WriteLine($"model.onnx {model.Graph.Length} octets, SHA-256 {model.Sha256}");
            new TextEvaluation(model.Sentiment, Console.Out).Run(data, seed);
            return 0;
        });
        return command;
    }

    private static Command TextExamples()
    {
        var file = new Option<string>("--out") { Description = "File the examples are written to.", Required = true };
        var most = new Option<int>("--per-family") { Description = "Sentences drawn from a template.", DefaultValueFactory = _ => 60 };
        var command = new Command("text-examples", "Writes the labelled utterances, one a line, for the neural recipe.") { Data, Seed, file, most };
        OnData(command, (result, data) =>
        {
            TextExport.Write(data, result.GetRequiredValue(Seed), result.GetRequiredValue(most), result.GetRequiredValue(file));
            return 0;
        });
        return command;
    }

    private static Command TextHeard()
    {
        var file = new Option<string>("--out") { Description = "File for what was said and heard.", Required = true };
        var most = new Option<int>("--per-family") { Description = "Sentences spoken of a template.", DefaultValueFactory = _ => 3 };
        var command = new Command("text-heard", "Speaks sentences, plays them and recorded ones over a telephone and writes what the recogniser hears; needs flite and sox.") { Data, Seed, file, most };
        OnData(command, (result, data) =>
        {
            using var recognizer = MoonshineRecognizer.Load(new ModelStore(), new InferenceOptions().SpeechModel);
            using var output = new StreamWriter(result.GetRequiredValue(file)) { NewLine = "\n" };
            new HeardUtterances(recognizer, output).Write(data, result.GetRequiredValue(Seed), result.GetRequiredValue(most));
            return 0;
        });
        return command;
    }

    private static Command TextStatesOf()
    {
        var graph = new Option<string>("--model-file") { Description = "The encoder's lower layers.", Required = true };
        var vocabulary = new Option<string>("--vocabulary") { Description = "Its word pieces.", Required = true };
        var rows = new Option<string>("--in") { Description = "The chosen rows.", Required = true };
        var target = new Option<string>("--out") { Description = "File for the states.", Required = true };
        var command = new Command("text-states", "Runs the encoder's lower layers over the chosen rows, for the neural recipe.") { graph, vocabulary, rows, target };
        command.SetAction(result => TextStates.Write(result.GetRequiredValue(graph), result.GetRequiredValue(vocabulary), result.GetRequiredValue(rows), result.GetRequiredValue(target)));
        return command;
    }

    private static Command TextEval()
    {
        var most = new Option<int>("--most") { Description = "Rows measured of a set, evenly taken.", DefaultValueFactory = _ => int.MaxValue };
        var command = new Command("text-eval", "Measures the text model of the manifest, through ONNX Runtime, on every set.") { Data, Seed, Model, most };
        OnData(command, (result, data) =>
        {
            var sentiment = TextSentiments.Load(new ModelStore(), result.GetRequiredValue(Model));
            new TextEvaluation(sentiment, Console.Out, result.GetRequiredValue(most)).Run(data, result.GetRequiredValue(Seed));
            return 0;
        });
        return command;
    }

    private static Command TextScore()
    {
        var words = new Argument<string[]>("words") { Description = "Utterances, the one to score last; those before it are the same speaker's." };
        var command = new Command("text-score", "Prints what the text model of the manifest makes of a sentence.") { words, Model };
        command.SetAction(result =>
        {
            var sentiment = TextSentiments.Load(new ModelStore(), result.GetRequiredValue(Model));
            var said = result.GetRequiredValue(words);
            if (said.Length == 0) return Refuse("Say something: text-score \"i want my money back\".");

            var scores = sentiment.Score(said[^1], said[..^1]);
            Console.WriteLine($"negative {scores.Negative:0.000}  anger {scores.Anger:0.000}  complaint {scores.Complaint:0.000}  asks_for_manager {scores.AsksForManager:0.000}  threat_to_leave {scores.ThreatToLeave:0.000}  abuse {scores.Abuse:0.000}");
            return 0;
        });
        return command;
    }

    private static Command TextTimeOf()
    {
        var command = new Command("text-time", "Measures how long an utterance takes the text model of the manifest, alone on one thread.") { Model };
        command.SetAction(result =>
        {
            TextTime.Run(TextSentiments.Load(new ModelStore(), result.GetRequiredValue(Model)), Console.Out);
            return 0;
        });
        return command;
    }

    private static Command EscalationEval()
    {
        var command = new Command("escalation-eval", "Measures the call score on generated calls and on real calm dialogue.") { Data, Seed, Model, Calls };
        OnData(command, (result, data) =>
        {
            using var sentiment = RememberingSentiment.Load(new ModelStore(), result.GetRequiredValue(Model));
            using var arousal = OnnxArousalModel.Load(new ModelStore());
            new EscalationEvaluation(sentiment, arousal, new EscalationOptions(), result.GetRequiredValue(Calls), Console.Out).Run(data, result.GetRequiredValue(Seed));
            return 0;
        });
        return command;
    }

    private static Command EscalationFit()
    {
        var command = new Command("escalation-fit", "Fits the cues' weights on generated calls and calm dialogue, and prints them.") { Data, Seed, Model, Calls };
        OnData(command, (result, data) =>
        {
            var store = new ModelStore();
            var options = new EscalationOptions();
            using var sentiment = RememberingSentiment.Load(store, result.GetRequiredValue(Model));
            using var arousal = OnnxArousalModel.Load(store);
            new EscalationEvaluation(sentiment, arousal, options, result.GetRequiredValue(Calls), Console.Out).Fit(data, result.GetRequiredValue(Seed) + 100);
            return 0;
        });
        return command;
    }

    /// <summary>Text, voice and fused, with draws that end within minutes.</summary>
    private static Command Eval()
    {
        var most = new Option<int>("--most") { Description = "Utterances measured of a set, evenly taken.", DefaultValueFactory = _ => 1000 };
        var command = new Command("eval", "Measures everything: the text model, the voice model, the call score.") { Data, Seed, Model, Calls, most };
        OnData(command, (result, data) =>
        {
            var (store, seed) = (new ModelStore(), result.GetRequiredValue(Seed));
            using var sentiment = RememberingSentiment.Load(store, result.GetRequiredValue(Model));
            using var arousal = OnnxArousalModel.Load(store);
            Console.WriteLine("# Text");
            new TextEvaluation(sentiment, Console.Out, result.GetRequiredValue(most)).Run(data, seed);
            Console.WriteLine("# Voice");
            new VoiceEvaluation(data, arousal, Console.Out).Run();
            Console.WriteLine("# Fused");
            new EscalationEvaluation(sentiment, arousal, new EscalationOptions(), result.GetRequiredValue(Calls), Console.Out).Run(data, seed);
            return 0;
        });
        return command;
    }

    private static Command Voice()
    {
        var folder = new Option<string?>("--out") { Description = "Folder the model is written to; none: the model of the manifest is measured." };
        var command = new Command("voice", "Trains the arousal model on varied calm speech, writes it, and measures it on acted emotions.") { Data, Seed, folder };
        OnData(command, (result, data) =>
        {
            if (result.GetValue(folder) is not { } target)
            {
                using var listed = OnnxArousalModel.Load(new ModelStore());
                new VoiceEvaluation(data, listed, Console.Out).Run();
                return 0;
            }

            var model = VoiceRecipe.Run(data, result.GetRequiredValue(Seed), Console.Out);
            var graph = model.ToOnnx();
            Directory.CreateDirectory(target);
            File.WriteAllBytes(Path.Combine(target, "model.onnx"), graph);
            Console.WriteLine($"model.onnx {graph.Length} octets, SHA-256 {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(graph))}");
            new VoiceEvaluation(data, model, Console.Out).Run();
            return 0;
        });
        return command;
    }

    /// <summary>What a command does with the data sets, where they are.</summary>
    private static void OnData(Command command, Func<ParseResult, string, int> act) => command.SetAction(result =>
    {
        var data = result.GetRequiredValue(Data);
        return Directory.Exists(data) ? act(result, data) : Refuse($"There is no folder {data}. Name the data sets' folder with --data.");
    });

    private static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 2;
    }
}
