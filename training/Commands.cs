using System.CommandLine;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Escalation;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training;

/// <summary>The command line: one command trains, one measures, one answers for a sentence.</summary>
internal static class Commands
{
    private static readonly Option<string> Data = new("--data") { Description = "Folder of the shared data sets.", DefaultValueFactory = _ => "../shared/data" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "Seed of every draw.", DefaultValueFactory = _ => 1 };

    public static RootCommand Root() => new("Trains and measures EdgeAssist's own models.")
    {
        TextTrain(), TextExamples(), TextEval(), TextScore(), EscalationEval(), EscalationFit(),
    };

    private static Command TextTrain()
    {
        var folder = new Option<string>("--out") { Description = "Folder the model is written to.", Required = true };
        var command = new Command("text", "Trains the text model and writes model.onnx and features.vocab.") { Data, Seed, folder };
        command.SetAction(result =>
        {
            var (data, seed, target) = (result.GetRequiredValue(Data), result.GetRequiredValue(Seed), result.GetRequiredValue(folder));
            if (!Directory.Exists(data)) return Refuse($"There is no folder {data}. Name the data sets' folder with --data.");

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
        command.SetAction(result =>
        {
            var data = result.GetRequiredValue(Data);
            if (!Directory.Exists(data)) return Refuse($"There is no folder {data}. Name the data sets' folder with --data.");

            TextExport.Write(data, result.GetRequiredValue(Seed), result.GetRequiredValue(most), result.GetRequiredValue(file));
            return 0;
        });
        return command;
    }

    private static Command TextEval()
    {
        var command = new Command("text-eval", "Measures the text model of the manifest, through ONNX Runtime, on every set.") { Data, Seed };
        command.SetAction(result =>
        {
            var data = result.GetRequiredValue(Data);
            if (!Directory.Exists(data)) return Refuse($"There is no folder {data}. Name the data sets' folder with --data.");

            using var sentiment = NgramTextSentiment.Load(new ModelStore());
            new TextEvaluation(sentiment, Console.Out).Run(data, result.GetRequiredValue(Seed));
            return 0;
        });
        return command;
    }

    private static Command TextScore()
    {
        var words = new Argument<string[]>("words") { Description = "Utterances, the one to score last; those before it are the same speaker's." };
        var command = new Command("text-score", "Prints what the text model of the manifest makes of a sentence.") { words };
        command.SetAction(result =>
        {
            using var sentiment = NgramTextSentiment.Load(new ModelStore());
            var said = result.GetRequiredValue(words);
            if (said.Length == 0) return Refuse("Say something: text-score \"i want my money back\".");

            var scores = sentiment.Score(said[^1], said[..^1]);
            Console.WriteLine($"negative {scores.Negative:0.000}  anger {scores.Anger:0.000}  complaint {scores.Complaint:0.000}  asks_for_manager {scores.AsksForManager:0.000}  threat_to_leave {scores.ThreatToLeave:0.000}  abuse {scores.Abuse:0.000}");
            return 0;
        });
        return command;
    }

    private static Command EscalationEval()
    {
        var command = new Command("escalation-eval", "Measures the call score on generated calls and on real calm dialogue.") { Data, Seed };
        command.SetAction(result =>
        {
            var data = result.GetRequiredValue(Data);
            if (!Directory.Exists(data)) return Refuse($"There is no folder {data}. Name the data sets' folder with --data.");

            using var sentiment = NgramTextSentiment.Load(new ModelStore());
            new EscalationEvaluation(sentiment, new EscalationOptions(), Console.Out).Run(data, result.GetRequiredValue(Seed));
            return 0;
        });
        return command;
    }

    private static Command EscalationFit()
    {
        var command = new Command("escalation-fit", "Fits the cues' weights on generated calls and calm dialogue, and prints them.") { Data, Seed };
        command.SetAction(result =>
        {
            var data = result.GetRequiredValue(Data);
            if (!Directory.Exists(data)) return Refuse($"There is no folder {data}. Name the data sets' folder with --data.");

            using var sentiment = NgramTextSentiment.Load(new ModelStore());
            var options = new EscalationOptions();
            var calls = new ScenarioGenerator().Draw(test: false, 600, result.GetRequiredValue(Seed) + 100);
            calls.AddRange(Consultation.Calls(data));
            var played = calls.ConvertAll(call => new PlayedCall(call, new CallPlayer(sentiment, options).Play(call, frames: true, PlayedCall.Every)));
            var weights = new FusionFit(options).Run(played);
            Console.WriteLine($"bias {weights[0]:0.00}");
            foreach (var cue in Enum.GetValues<Cue>()) Console.WriteLine($"{cue.Word()} {weights[1 + (int)cue]:0.00}");
            return 0;
        });
        return command;
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 2;
    }
}
