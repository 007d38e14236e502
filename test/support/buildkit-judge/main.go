package main

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type Input struct {
	Words   []string `json:"words"`
	Env     []string `json:"env"`
	Files   []string `json:"files"`
	Ignores []string `json:"ignores"`
	Paths   []string `json:"paths"`
}
type Heredoc struct {
	Name    string `json:"name"`
	Content string `json:"content"`
	Expand  bool   `json:"expand"`
}
type Instr struct {
	Keyword  string    `json:"keyword"`
	Line     int       `json:"line"`
	Flags    []string  `json:"flags"`
	Args     []string  `json:"args"`
	Heredocs []Heredoc `json:"heredocs"`
	JSON     bool      `json:"json"`
}
type Output struct {
	Words   []*string  `json:"words"`
	Files   []*[]Instr `json:"files"`
	Ignores []*string  `json:"ignores"`
}

func main() {
	var in Input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	var out Output
	lex := shell.NewLex('\\')
	env := shell.EnvsFromSlice(in.Env)
	for _, w := range in.Words {
		r, err := lex.ProcessWordWithMatches(w, env)
		if err != nil {
			out.Words = append(out.Words, nil)
		} else {
			s := r.Result
			out.Words = append(out.Words, &s)
		}
	}
	for _, f := range in.Files {
		r, err := parser.Parse(strings.NewReader(f))
		if err != nil {
			out.Files = append(out.Files, nil)
			continue
		}
		list := []Instr{}
		for _, c := range r.AST.Children {
			i := Instr{Keyword: strings.ToUpper(c.Value), Line: c.StartLine, Flags: c.Flags, Args: []string{}, JSON: c.Attributes["json"]}
			for n := c.Next; n != nil; n = n.Next {
				i.Args = append(i.Args, n.Value)
			}
			for _, h := range c.Heredocs {
				i.Heredocs = append(i.Heredocs, Heredoc{h.Name, h.Content, h.Expand})
			}
			list = append(list, i)
		}
		out.Files = append(out.Files, &list)
	}
	for _, ig := range in.Ignores {
		patterns, err := ignorefile.ReadAll(strings.NewReader(ig))
		if err != nil {
			out.Ignores = append(out.Ignores, nil)
			continue
		}
		pm, err := patternmatcher.New(patterns)
		if err != nil {
			out.Ignores = append(out.Ignores, nil)
			continue
		}
		var b strings.Builder
		bad := false
		for _, p := range in.Paths {
			m, err := pm.MatchesOrParentMatches(p)
			if err != nil {
				bad = true
				break
			}
			if m {
				b.WriteByte('1')
			} else {
				b.WriteByte('0')
			}
		}
		if bad {
			out.Ignores = append(out.Ignores, nil)
			continue
		}
		s := b.String()
		out.Ignores = append(out.Ignores, &s)
	}
	json.NewEncoder(os.Stdout).Encode(out)
}
